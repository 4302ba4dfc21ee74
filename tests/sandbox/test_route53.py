# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What Route 53 answers, where moto has it wrong."""

import itertools
import json

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


@pytest.fixture
def zone_id(route53):
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="example")["HostedZone"]
    return zone["Id"].removeprefix("/hostedzone/")


def let_route53_write(logs, actions=("logs:CreateLogStream", "logs:PutLogEvents"), resource="*"):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"},
        "Action": actions,
        "Resource": f"arn:aws:logs:us-east-1:*:log-group:/aws/route53/{resource}",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    logs.put_resource_policy(policyName="example", policyDocument=document)


@pytest.mark.parametrize("end", ["", ":*"])
def test_query_logging_as_its_policy_lets_it(client, route53, zone_id, refused, end):
    logs = client("logs", "us-east-1")
    arn = f"arn:aws:logs:us-east-1:{client.account}:log-group:/aws/route53/example.com"
    given = {"HostedZoneId": zone_id, "CloudWatchLogsLogGroupArn": f"{arn}{end}"}
    with refused("InsufficientCloudWatchLogsResourcePolicy"):
        route53.create_query_logging_config(**given)
    for insufficient in ({"actions": "logs:PutLogEvents"}, {"resource": "example.org"}):
        let_route53_write(logs, **insufficient)
        with refused("InsufficientCloudWatchLogsResourcePolicy"):
            route53.create_query_logging_config(**given)
    let_route53_write(logs)
    with refused("NoSuchCloudWatchLogsLogGroup"):
        route53.create_query_logging_config(**given)
    logs.create_log_group(logGroupName="/aws/route53/example.com")
    config = route53.create_query_logging_config(**given)["QueryLoggingConfig"]
    assert config["CloudWatchLogsLogGroupArn"] == f"{arn}{end}"
    with refused("QueryLoggingConfigAlreadyExists"):
        route53.create_query_logging_config(**given)
    listed = route53.list_query_logging_configs(HostedZoneId=zone_id)["QueryLoggingConfigs"]
    assert listed == [config]
    other = route53.create_hosted_zone(Name="example.org", CallerReference="other")["HostedZone"]["Id"]
    assert not route53.list_query_logging_configs(HostedZoneId=other.removeprefix("/hostedzone/"))[
        "QueryLoggingConfigs"
    ]
    with refused("NoSuchHostedZone"):
        route53.list_query_logging_configs(HostedZoneId="Z00000000000000000000")


def test_query_logging_of_another_region(client, route53, zone_id, refused):
    with refused("InvalidInput"):
        route53.create_query_logging_config(
            HostedZoneId=zone_id,
            CloudWatchLogsLogGroupArn=f"arn:aws:logs:ap-northeast-1:{client.account}:log-group:/aws/route53/example.com",
        )


@pytest.fixture
def change(route53):
    """Change a record of a new hosted zone."""
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="test")["HostedZone"]["Id"]

    def change(action, **more):
        record = {"Name": "example.com.", "Type": "CAA", "TTL": 300}
        record |= {"ResourceRecords": [{"Value": '0 issue "amazon.com"'}], **more}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    return change


def test_a_record_can_be_created_again_once_it_was_deleted(change):
    change("CREATE")
    change("DELETE")
    change("CREATE")
    change("DELETE")


@pytest.mark.parametrize("more", [{}, {"TTL": 60}])
def test_a_record_is_not_created_twice(change, more, refused):
    change("CREATE")
    with refused("InvalidChangeBatch"):
        change("CREATE", **more)


def test_another_type_or_name_is_another_record(change):
    change("CREATE")
    change("CREATE", Type="TXT", ResourceRecords=[{"Value": '"a"'}])
    change("CREATE", Name="www.example.com.")
