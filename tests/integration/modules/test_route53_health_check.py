# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import Story

MODULE = "route53_health_check"
ENDPOINT = {"type": "HTTPS_STR_MATCH", "fqdn": "www.example.com", "string_match": "ok"}
MISSING = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def route53(sandbox):
    return sandbox.client("route53")


def only_id(route53):
    (check,) = route53.list_health_checks()["HealthChecks"]
    return check["Id"]


def story(**arguments):
    unpredictable = frozenset({"health_check_id"})
    return Story(
        module=MODULE, returns="health_check", identity={"name": "example"}, unpredictable=unpredictable, **arguments
    )


def test_story_of_an_endpoint(modules):
    def drift(sandbox):
        route53 = sandbox.client("route53")
        check_id = only_id(route53)
        route53.update_health_check(HealthCheckId=check_id, FailureThreshold=9, ResetElements=["Regions"])
        route53.change_tags_for_resource(
            ResourceType="healthcheck", ResourceId=check_id, AddTags=[{"Key": "Environment", "Value": "other"}]
        )

    modules.tell(
        story(
            present={
                **ENDPOINT,
                "resource_path": "/health",
                "request_interval": 10,
                "failure_threshold": 2,
                "measure_latency": True,
                "regions": ["us-west-2", "ap-northeast-1", "eu-west-1"],
                "tags": {"Environment": "test"},
            },
            changes=(
                {"resource_path": "", "string_match": "fine"},
                {"port": 8443, "enable_sni": False},
                {"regions": []},
                {"regions": ["us-east-1", "ap-northeast-1", "eu-west-1"], "failure_threshold": 5},
                {"inverted": True, "disabled": True},
                {"inverted": False, "disabled": False},
                {"tags": {"Number": 1}},
            ),
            drift=drift,
        )
    )


def test_story_of_an_address(modules):
    def drift(sandbox):
        route53 = sandbox.client("route53")
        route53.delete_health_check(HealthCheckId=only_id(route53))

    modules.tell(
        story(
            present={"type": "TCP", "ip_address": "192.0.2.1", "port": 443},
            changes=({"ip_address": "2001:db8::1"}, {"fqdn": "WWW.example.com"}, {"fqdn": ""}),
            drift=drift,
        )
    )


def test_story_of_an_alarm(modules):
    def drift(sandbox):
        route53 = sandbox.client("route53")
        route53.update_health_check(HealthCheckId=only_id(route53), InsufficientDataHealthStatus="Healthy")

    alarm = {"region": "ap-northeast-1", "name": "example"}
    modules.tell(
        story(
            present={"type": "CLOUDWATCH_METRIC", "alarm_identifier": alarm},
            changes=(
                {"insufficient_data_health_status": "Unhealthy"},
                {"alarm_identifier": {**alarm, "name": "other"}},
            ),
            drift=drift,
        )
    )


def test_story_of_a_calculation(modules):
    children = [
        modules.run(MODULE, name=f"child-{number}", **ENDPOINT)["health_check"]["health_check_id"]
        for number in range(2)
    ]

    def drift(sandbox):
        route53 = sandbox.client("route53")
        for check in route53.list_health_checks()["HealthChecks"]:
            if check["HealthCheckConfig"]["Type"] == "CALCULATED":
                route53.update_health_check(HealthCheckId=check["Id"], HealthThreshold=0)

    modules.tell(
        story(
            present={"type": "CALCULATED", "child_health_checks": children},
            changes=({"health_threshold": 2}, {"child_health_checks": children[:1]}),
            drift=drift,
        )
    )


def test_found_among_many(modules, route53):
    for number in range(25):
        config = {"Type": "HTTP", "FullyQualifiedDomainName": f"{number}.example.com"}
        check = route53.create_health_check(CallerReference=str(number), HealthCheckConfig=config)["HealthCheck"]
        tags = [{"Key": "Name", "Value": f"example-{number}"}]
        route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"], AddTags=tags)
    found = modules.run(MODULE, name="example-17")
    assert not found["changed"]
    assert found["health_check"]["fqdn"] == "17.example.com"


def test_by_id(modules, route53):
    created = modules.run(MODULE, name="example", **ENDPOINT, tags={"Environment": "test"})["health_check"]
    by_id = {"health_check_id": created["health_check_id"]}
    assert not modules.run(MODULE, **by_id)["changed"]
    renamed = modules.run(MODULE, **by_id, name="other")
    assert renamed["health_check"]["tags"] == {"Environment": "test", "Name": "other"}
    assert modules.run(MODULE, **by_id, state="absent")["changed"]
    assert not modules.run(MODULE, **by_id, state="absent")["changed"]
    assert not route53.list_health_checks()["HealthChecks"]


def test_two_of_a_name(modules):
    ids = [
        modules.run(MODULE, name=name, **ENDPOINT)["health_check"]["health_check_id"] for name in ("first", "second")
    ]
    modules.run(MODULE, health_check_id=ids[1], name="first")
    answer = modules.attempt(MODULE, name="first", **ENDPOINT)
    assert f"2 health checks have the tag Name first: {', '.join(sorted(ids))}" in answer["msg"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "To create it, give its type"),
        ({"type": "TCP"}, "needs port, ip_address or fqdn"),
        ({"type": "HTTP_STR_MATCH", "fqdn": "www.example.com"}, "needs string_match"),
        ({"type": "CALCULATED", "fqdn": "www.example.com"}, "of type CALCULATED has no fqdn"),
        ({"type": "CLOUDWATCH_METRIC"}, "needs alarm_identifier"),
        ({"type": "TCP", "health_check_id": MISSING}, f"There is no health check {MISSING}"),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt(MODULE, name="example", **arguments)["msg"]


@pytest.mark.parametrize("change", [{"type": "TCP"}, {"request_interval": 10}, {"measure_latency": True}])
def test_what_aws_cannot_change(modules, change):
    modules.run(MODULE, name="example", **ENDPOINT)
    assert "which AWS cannot change" in modules.attempt(MODULE, name="example", **{**ENDPOINT, **change})["msg"]
