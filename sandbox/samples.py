# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Raises a sample event as the service of AWS would whose it is: on a bus, or by publishing it on a topic."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.sns.models import sns_backends

from sandbox.delivery import Message, Sender, Undelivered, deliver
from sandbox.services.cloudwatch import alarm_sender
from sandbox.services.events import emit

# Where the samples are from.
_REGION, _ACCOUNT = "ap-northeast-1", "123456789012"
# Services that tell of global things, and do so in one region.
_GLOBAL = {"aws.trustedadvisor": "us-east-1"}
_SEVERITY = re.compile(r"-(critical|high|medium|low)$")


def send(sample: dict[str, Any], account: str, region: str, topic: str | None = None) -> dict[str, Any]:
    """Raise it there, at this time; ``topic`` is a name or an ARN.

    The answer is the ``topic`` that it was published on, or the ``region`` and the ``rules`` of the default bus that
    match it. ValueError says why it cannot be.
    """
    sample = json.loads(json.dumps(sample).replace(_REGION, region).replace(_ACCOUNT, account))
    if "Records" not in sample:
        region = _GLOBAL.get(sample["source"], region)
        # It is another event, at another time, each time.
        event = {name: value for name, value in sample.items() if name not in ("id", "time")}
        return {"region": region, "rules": emit(account, region, event)}
    sns = sample["Records"][0]["Sns"]
    arn = _topic(topic, sns["TopicArn"], account, region)
    attributes = {name: (value["Type"], value["Value"]) for name, value in sns["MessageAttributes"].items()}
    try:
        deliver(_sender(sns, account, region), arn, Message(sns["Message"], sns["Subject"], attributes))
    except Undelivered as undelivered:
        raise ValueError(str(undelivered)) from undelivered
    return {"topic": arn}


def _topic(wanted: str | None, like: str, account: str, region: str) -> str:
    """The topic that is asked for; or else the one that is named like the sample's, or for its severity, or any one."""
    known = list(sns_backends[account][region].topics)
    names = ", ".join(arn.rpartition(":")[2] for arn in known) or "none"
    if wanted:
        found = [arn for arn in known if wanted in (arn, arn.rpartition(":")[2])]
        missing = f"There is no topic {wanted} in {region}. There are: {names}."
    else:
        severity = _SEVERITY.search(like)
        of_severity = [arn for arn in known if severity and arn.endswith(severity.group())]
        found = next((those for those in ([like] if like in known else [], of_severity, known) if len(those) == 1), [])
        missing = f"Say with --topic which topic of {region} it is to arrive on. There are: {names}."
    if not found:
        raise ValueError(missing)
    return found[0]


def _sender(sns: dict[str, Any], account: str, region: str) -> Sender:
    """Who publishes what has this subject, and for what."""
    subject = sns["Subject"]
    if subject.startswith("RDS"):
        arn = json.loads(sns["Message"])["Source ARN"]
        return Sender(arn, account, "events.rds.amazonaws.com", context={"aws:SourceOwner": account})
    if subject.startswith("AWS Budgets"):
        return Sender(f"arn:aws:budgets::{account}:budget/main-monthly", account, "budgets.amazonaws.com")
    if "AWS Backup" in subject:
        return Sender(f"arn:aws:backup:{region}:{account}:backup-vault:main", account, "backup.amazonaws.com")
    return alarm_sender(json.loads(sns["Message"])["AlarmArn"])
