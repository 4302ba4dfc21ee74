# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What Route 53 answers, where moto has it wrong."""

import itertools

import pytest

REGIONS = ["ap-northeast-1", "us-east-1", "eu-west-1"]
_references = itertools.count()


@pytest.fixture
def route53(client):
    return client("route53", "us-east-1")


def create(route53, reference=None, **config):
    reference = reference or str(next(_references))
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "www.example.com", **config}
    return route53.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]


def config(route53, check):
    return route53.get_health_check(HealthCheckId=check["Id"])["HealthCheck"]["HealthCheckConfig"]


def test_defaults_of_each_type(route53):
    https = create(route53)["HealthCheckConfig"]
    assert (https["Port"], https["EnableSNI"], https["RequestInterval"]) == (443, True, 30)
    assert create(route53, Type="HTTP")["HealthCheckConfig"]["EnableSNI"] is False
    alarm = {"Region": "ap-northeast-1", "Name": "example"}
    metric = route53.create_health_check(
        CallerReference="metric", HealthCheckConfig={"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm}
    )["HealthCheck"]["HealthCheckConfig"]
    assert metric == {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": alarm,
        "Inverted": False,
        "Disabled": False,
    }


def test_a_change_leaves_the_rest(route53):
    check = create(route53, Regions=REGIONS, ResourcePath="/health")
    changed = route53.update_health_check(HealthCheckId=check["Id"], FailureThreshold=5)["HealthCheck"]
    assert changed["HealthCheckVersion"] == 2
    assert changed["HealthCheckConfig"] == {**check["HealthCheckConfig"], "FailureThreshold": 5}
    route53.update_health_check(HealthCheckId=check["Id"], ResetElements=["Regions", "ResourcePath"])
    assert not {"Regions", "ResourcePath"} & config(route53, check).keys()


def test_a_change_of_an_older_version_is_refused(route53, refused):
    check = create(route53)
    route53.update_health_check(HealthCheckId=check["Id"], HealthCheckVersion=1, Disabled=True)
    with refused("HealthCheckVersionMismatch"):
        route53.update_health_check(HealthCheckId=check["Id"], HealthCheckVersion=1, Disabled=False)


@pytest.mark.parametrize(
    "given",
    [
        {"Type": "TCP"},
        {"Type": "HTTPS_STR_MATCH"},
        {"Type": "CALCULATED"},
        {"FullyQualifiedDomainName": ""},
        {"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 1},
    ],
)
def test_what_makes_no_check(route53, refused, given):
    with refused("InvalidInput"):
        create(route53, **given)


def test_a_caller_reference_is_taken_once(route53, refused):
    create(route53, "example")
    with refused("HealthCheckAlreadyExists"):
        create(route53, "example")


def test_deleted_once(route53, refused):
    check = create(route53)
    route53.delete_health_check(HealthCheckId=check["Id"])
    with refused("NoSuchHealthCheck"):
        route53.delete_health_check(HealthCheckId=check["Id"])
    with refused("NoSuchHealthCheck"):
        config(route53, check)


def test_listed_page_by_page(route53):
    made = {create(route53)["Id"] for _ in range(3)}
    pages = list(route53.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["HealthChecks"]) for page in pages] == [2, 1]
    assert {check["Id"] for page in pages for check in page["HealthChecks"]} == made
