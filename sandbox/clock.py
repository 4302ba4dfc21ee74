# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How long AWS takes for a change, and the clock by which the sandbox takes its share of that time.

Nothing here needs moto.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Duration:
    """What AWS usually takes, in seconds, and where that is known from."""

    seconds: float
    source: str


_LOGS = "Terraform's logs in public repositories ('… complete after'): "
_ESTIMATE = "An estimate, as neither AWS nor a log says it"
_RETRIES = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"

DURATIONS = {
    "nat_gateway.creation": Duration(120, f"{_LOGS}1m25 to 2m5 in eight"),
    "nat_gateway.deletion": Duration(60, f"{_LOGS}37 s to 1m19 in ten"),
    "interface_endpoint.creation": Duration(90, f"{_ESTIMATE}: about as long as a NAT gateway"),
    "interface_endpoint.deletion": Duration(60, f"{_ESTIMATE}: as long as a NAT gateway"),
    "ec2_instance.creation": Duration(15, f"{_LOGS}10 s to 42 s in eight, which look every 10 s"),
    "ec2_instance.deletion": Duration(30, f"{_LOGS}20 s to 31 s in six"),
    "image.creation": Duration(180, f"{_ESTIMATE} for a small volume: a snapshot is made of it"),
    "image.copying": Duration(300, f"{_ESTIMATE} for a small volume: a snapshot is sent to another region"),
    "load_balancer.creation": Duration(180, f"{_LOGS}2m15 to 3m7 in six"),
    "rds_instance.creation": Duration(
        300,
        f"{_LOGS}3m16 to 4m56 in seven small ones; up to 20 minutes by"
        " https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateDBInstance.html",
    ),
    "rds_instance.modification": Duration(130, f"{_LOGS}2m5 and 2m15"),
    "rds_instance.promotion": Duration(300, f"{_ESTIMATE}: as long as a cluster's, as both restart"),
    "rds_instance.deletion": Duration(285, f"{_LOGS}4m45 in one"),
    "aurora_cluster.creation": Duration(60, f"{_ESTIMATE}: there is only storage to make"),
    "aurora_cluster.upgrade": Duration(600, f"{_ESTIMATE}: its instances restart with another version"),
    "aurora_cluster.promotion": Duration(
        300,
        "'Several minutes or longer' by https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
        "AuroraMySQL.Replication.CrossRegion.Promote.html",
    ),
    "aurora_replica.catching_up": Duration(
        1800, f"{_ESTIMATE}: what was written while a database was copied, of which AWS only says some hours per TiB"
    ),
    "aurora_cluster.deletion": Duration(60, f"{_ESTIMATE}: as long as its creation"),
    "cluster_endpoint.creation": Duration(60, f"{_ESTIMATE}: as long as a cluster without instances"),
    "cluster_endpoint.modification": Duration(30, f"{_ESTIMATE}: shorter than its creation"),
    "cluster_endpoint.deletion": Duration(30, f"{_ESTIMATE}: shorter than its creation"),
    "aurora_instance.creation": Duration(480, f"{_ESTIMATE}: what this project's engineers know from practice"),
    "aurora_instance.deletion": Duration(285, f"{_ESTIMATE}: as long as an RDS instance"),
    "rds_instance.reboot": Duration(60, f"{_ESTIMATE}: the engine restarts, the machine stays"),
    "rds_proxy.creation": Duration(
        300,
        f"{_ESTIMATE}; a log of Terraform's breaks off after 2m30: "
        "https://github.com/turbot/steampipe-plugin-aws/pull/1414",
    ),
    "rds_proxy.modification": Duration(60, f"{_ESTIMATE}: much shorter than its creation"),
    "rds_proxy.deletion": Duration(
        300,
        f"{_ESTIMATE}: as long as its creation; at times more than half an hour by "
        "https://github.com/hashicorp/terraform-provider-aws/pull/15537",
    ),
    "rds_proxy_target.registration": Duration(120, f"{_ESTIMATE}: connections to open, and some capacity to wait for"),
    "rds_proxy_endpoint.creation": Duration(180, f"{_ESTIMATE}: shorter than a proxy's"),
    "rds_proxy_endpoint.modification": Duration(30, f"{_ESTIMATE}: shorter than its creation"),
    "rds_proxy_endpoint.deletion": Duration(120, f"{_ESTIMATE}: shorter than its creation"),
    "config_rule.evaluation": Duration(120, f"{_ESTIMATE}: a change is recorded, and then evaluated, within minutes"),
    "event_subscription.creation": Duration(30, f"{_ESTIMATE}: Terraform looks for the first time after 30 s"),
    "event_subscription.modification": Duration(30, f"{_ESTIMATE}: as long as its creation"),
    "event_subscription.deletion": Duration(30, f"{_ESTIMATE}: as long as its creation"),
    "replication_group.creation": Duration(
        480, f"{_ESTIMATE} for two nodes: what this project's engineers know from practice; a log says 5m37 for one"
    ),
    "replication_group.deletion": Duration(300, f"{_ESTIMATE}: shorter than its creation"),
    "replication_group.modification": Duration(
        300, f"{_ESTIMATE}: its nodes are replaced or restarted one after the other, as quickly as they are deleted"
    ),
    "replication_group.scaling": Duration(360, f"{_ESTIMATE}: nodes are added at once, with the data to copy"),
    "cache_user.change": Duration(30, f"{_ESTIMATE}: every node of its groups is told"),
    "cache_user_group.change": Duration(60, f"{_ESTIMATE}: every node of its replication groups is told"),
    "cache_cluster.creation": Duration(
        240,
        "A test that creates and deletes one takes 395 s: https://github.com/hashicorp/terraform/pull/8275",
    ),
    "cache_cluster.deletion": Duration(150, "What its creation leaves of the 395 s of the same test"),
    "distribution.deployment": Duration(
        240,
        f"{_LOGS}2m31 to 7m53 in seven; see https://aws.amazon.com/blogs/networking-and-content-delivery/"
        "slashing-cloudfront-change-propagation-times-in-2020-recent-changes-and-looking-forward/",
    ),
    "certificate.validation": Duration(60, f"{_LOGS}1m1 in one, once the record is in Route 53"),
    "auto_scaling_group.deletion": Duration(
        90, f"{_ESTIMATE}: its instances end, which take a minute when they leave a load balancer"
    ),
    "standby.entry": Duration(
        10,
        f"{_ESTIMATE} for an instance that is in no target group; in one, it is as long as that drains it, by "
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html",
    ),
    "standby.exit": Duration(15, f"{_ESTIMATE}: it is registered in its target groups"),
    "target.registration": Duration(
        30,
        "One check has to succeed, which comes every HealthCheckIntervalSeconds, by "
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    "target.deregistration": Duration(
        300,
        "deregistration_delay.timeout_seconds, by https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
        "edit-target-group-attributes.html#deregistration-delay",
    ),
    "instance_refresh.completion": Duration(
        600, f"{_ESTIMATE} for two instances, one after the other: five minutes each to start and warm up"
    ),
    "firehose_stream.creation": Duration(60, f"{_ESTIMATE}: shorter than its deletion"),
    "firehose_stream.encryption": Duration(60, f"{_ESTIMATE}: as long as its creation"),
    "firehose_stream.deletion": Duration(
        180,
        "'Several minutes' by https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html",
    ),
    "message_move.completion": Duration(10, f"{_ESTIMATE} for a few messages"),
    "alarm.evaluation": Duration(
        60,
        "SQS tells its metrics each minute, and alarms of a minute's period are evaluated each minute by "
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html",
    ),
    "advisor_check.refresh": Duration(120, f"{_ESTIMATE}; 'some minutes' in what people tell of it"),
    "publishing_destination.verification": Duration(10, f"{_ESTIMATE}: GuardDuty tries with one object"),
    "security_standard.subscription": Duration(60, f"{_ESTIMATE}: rules of AWS Config are made for its controls"),
    "security_standard.removal": Duration(60, f"{_ESTIMATE}: as long as its subscription"),
    "inspector.change": Duration(
        60, "'About a minute' to enable it, by https://github.com/hashicorp/terraform-provider-aws/issues/30144"
    ),
    "function.first_retry": Duration(60, _RETRIES),
    "function.second_retry": Duration(120, _RETRIES),
}


def speed_of(value: Any) -> float:
    """Read a speed; ValueError says what one is."""
    try:
        speed = float(value)
    except (TypeError, ValueError):
        speed = math.nan
    if not 0 <= speed < math.inf:
        raise ValueError(
            f"The clock cannot run at {value!r}. Give how many times faster than AWS it runs: 60, 1 for as slow as AWS,"
            " or 0 for at once."
        )
    return speed


class Clock:
    """The clock of a server: AWS's time passes ``speed`` times as fast as ours or, at 0, all at once.

    It keeps what is due later, and `run` does what is due by now; the server calls it before it looks at anything.
    """

    def __init__(self, speed: float = 0):
        self._speed = speed
        self._passed = 0.0
        self._since = time.monotonic()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        """What is on its way keeps the part of its time that has passed, and takes the rest at the new speed."""
        self.run()
        self._passed, self._since = self.now(), time.monotonic()
        self._speed = speed
        self.run()

    def left(self, name: str, since: float) -> float:
        """How many of AWS's seconds are left of what DURATIONS knows under this name, and began at a time of `now`."""
        return max(0.0, DURATIONS[name].seconds - (self.now() - since)) if self._speed else 0.0

    def now(self) -> float:
        """The seconds of AWS's that have passed."""
        return self._passed + (time.monotonic() - self._since) * self._speed

    def later(self, name: str, change: Callable[[], None], seconds: float | None = None) -> None:
        """Do something when AWS would have done what DURATIONS knows under this name: at speed 0 now.

        ``seconds`` is for what takes as long as a setting says.
        """
        if name not in DURATIONS:
            raise LookupError(f"sandbox/clock.py has no duration '{name}'.")
        # At speed 0 something is due only while all of it is being done, and what that leads to comes after the rest.
        if self._speed or self._due:
            takes = DURATIONS[name].seconds if seconds is None else seconds
            due = self.now() + takes if self._speed else math.inf
            heapq.heappush(self._due, (due, next(self._order), change))
        else:
            change()

    def at(self, moment: float, change: Callable[[], None]) -> None:
        """Do something at a time of `now`, by somebody's schedule: never at speed 0, at which no time passes."""
        heapq.heappush(self._scheduled, (moment, next(self._order), change))

    def turn(self, resource: Any, attribute: str, before: str, after: str, name: str) -> None:
        """Give a resource one state now, and another one later, unless it has been given a third by then."""

        def finish() -> None:
            if getattr(resource, attribute) == before:
                setattr(resource, attribute, after)

        setattr(resource, attribute, before)
        self.later(name, finish)

    def linger(self, collection: dict[str, Any], key: str, resource: Any, name: str) -> None:
        """Keep a resource that is being deleted where it was for a while."""

        def remove() -> None:
            if collection.get(key) is resource:
                del collection[key]

        collection[key] = resource
        self.later(name, remove)

    def run(self) -> None:
        """Do what is due."""
        while self._due and (not self._speed or self._due[0][0] <= self.now()):
            heapq.heappop(self._due)[2]()
        while self._speed and self._scheduled and self._scheduled[0][0] <= self.now():
            heapq.heappop(self._scheduled)[2]()

    def forget(self) -> None:
        """Leave undone what is due later, as its resources are no more."""
        self._due.clear()
        self._scheduled.clear()


# The clock of this process's server. It stays at 0 wherever no server runs.
CLOCK = Clock()
