# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The server around the services: log, faults, reset, accounts, answers held against the model."""

import concurrent.futures
import datetime
import socket
import threading
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox import Sandbox, SandboxError
from sandbox.journal import writes


def test_the_log(own):
    ec2 = own.client("ec2", "ap-northeast-1")
    ec2.describe_vpcs()
    with pytest.raises(ClientError):
        ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])
    own.client("sns").create_topic(Name="x")
    first, second, third = own.requests()
    assert {
        "account": "123456789012",
        "region": "ap-northeast-1",
        "service": "ec2",
        "operation": "DescribeVpcs",
        "write": False,
        "outcome": "ok",
        "status": 200,
    }.items() <= first.items()
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(first["time"])
    assert age < datetime.timedelta(minutes=1)
    assert 0 < first["duration_ms"] < 60000
    assert (second["outcome"], second["error"], second["status"]) == ("error", "InvalidVpcID.NotFound", 400)
    assert (third["service"], third["region"], third["write"]) == ("sns", "us-east-1", True)
    status = own.status()
    assert status["services"] == {"ec2": {"DescribeVpcs": 2}, "sns": {"CreateTopic": 1}}
    assert status["outcomes"] == {"ok": 2, "refused": 0, "error": 1, "fault": 0}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("DescribeVpcs", False),
        ("BatchGetSecretValue", False),
        ("HeadObject", False),
        ("ValidatePolicy", False),
        ("LookupEvents", False),
        ("GetObject", False),
        ("CreateVpc", True),
        ("AssumeRole", True),
        ("PutObject", True),
        ("BatchDeleteImage", True),
        (None, True),
    ],
)
def test_what_writes(operation, expected):
    assert writes(operation) is expected


def test_every_nth_call_is_throttled(own):
    own.faults("throttle", every=3)
    sts = own.client("sts")
    codes = []
    for _ in range(6):
        try:
            sts.get_caller_identity()
            codes.append("ok")
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes == ["ok", "ok", "Throttling"] * 2
    assert [entry["outcome"] for entry in own.requests()] == ["ok", "ok", "fault"] * 2
    (rule,) = own.status()["faults"]
    assert (rule["seen"], rule["raised"]) == (6, 2)


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "status"),
    [
        ("ec2", "describe_vpcs", {}, "RequestLimitExceeded", 503),
        ("s3", "list_buckets", {}, "SlowDown", 503),
        ("iam", "list_roles", {}, "Throttling", 400),
        ("kms", "list_keys", {}, "ThrottlingException", 400),
        ("accessanalyzer", "list_analyzers", {}, "ThrottlingException", 429),
        ("lambda", "list_functions", {}, "TooManyRequestsException", 429),
        ("route53", "list_hosted_zones", {}, "Throttling", 400),
    ],
)
def test_each_service_throttles_in_its_own_words(own, service, operation, params, code, status):
    own.faults("throttle", every=1)
    with pytest.raises(ClientError) as error:
        getattr(own.client(service), operation)(**params)
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    # botocore knows all of them, and tries again.
    own.faults()
    own.faults("throttle", at=1)
    client = own.client(service, retries={"mode": "standard", "total_max_attempts": 2})
    assert getattr(client, operation)(**params)["ResponseMetadata"]["RetryAttempts"] == 1


def test_an_internal_error_strikes_once_where_it_is_told_to(own):
    own.faults("error", at=2, service="ec2", writes_only=True)
    ec2 = own.client("ec2")
    own.client("sns").create_topic(Name="x")
    ec2.create_internet_gateway()
    ec2.describe_vpcs()
    with pytest.raises(ClientError) as error:
        ec2.create_internet_gateway()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert error.value.response["Error"]["Code"] == "InternalError"
    ec2.create_internet_gateway()
    # What failed did not happen.
    assert len(ec2.describe_internet_gateways()["InternetGateways"]) == 3
    own.faults()
    own.faults("error", every=1, service="ec2", operation="CreateVpc")
    ec2.describe_vpcs()
    with pytest.raises(ClientError):
        ec2.create_vpc(CidrBlock="10.0.0.0/16")


@pytest.mark.parametrize("rule", [{}, {"every": 2, "at": 3}, {"every": 0}, {"every": 1, "servce": "ec2"}])
def test_a_fault_that_makes_no_sense(own, rule):
    with pytest.raises(SandboxError):
        own.faults("throttle", **rule)
    with pytest.raises(SandboxError):
        own.faults("slow", every=1)


def test_reset(own):
    own.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    own.client("accessanalyzer").create_analyzer(analyzerName="x", type="ACCOUNT")
    own.client("s3").create_bucket(Bucket="gone")
    own.faults("throttle", every=1)
    own.reset()
    assert own.requests() == []
    assert own.status()["calls"] == 0
    assert own.client("accessanalyzer").list_analyzers()["analyzers"] == []
    assert own.client("s3").list_buckets()["Buckets"] == []
    assert [vpc["IsDefault"] for vpc in own.client("ec2").describe_vpcs()["Vpcs"]] == [True]


def test_accounts_and_regions_are_apart(own):
    ours, theirs = own.client("ec2"), own.client("ec2", account="210987654321")
    ours.enable_serial_console_access()
    assert theirs.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    vpc = theirs.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert vpc["OwnerId"] == "210987654321"
    assert vpc["VpcId"] not in {vpc["VpcId"] for vpc in ours.describe_vpcs()["Vpcs"]}
    assert {entry["account"] for entry in own.requests()} == {"123456789012", "210987654321"}


def test_calls_at_the_same_time(own):
    clients = [own.client("ec2", region) for region in ("us-east-1", "ap-northeast-1") for _ in range(4)]
    start = threading.Barrier(len(clients))

    def work(client):
        start.wait()
        for number in range(10):
            gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            client.create_tags(Resources=[gateway], Tags=[{"Key": "n", "Value": str(number)}])
            client.describe_internet_gateways()

    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(work, clients))
    assert own.status()["outcomes"] == {"ok": 240, "refused": 0, "error": 0, "fault": 0}
    assert len(own.client("ec2").describe_internet_gateways()["InternetGateways"]) == 41


def test_presigned_urls(own):
    s3 = own.client("s3", "ap-northeast-1")
    s3.create_bucket(Bucket="signed", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "signed", "Key": "a b"})
    urllib.request.urlopen(urllib.request.Request(url, b"body", {"Content-Type": "text/plain"}, method="PUT"))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "a b"})
    assert urllib.request.urlopen(url).read() == b"body"
    assert [entry["operation"] for entry in own.requests()] == ["CreateBucket", "PutObject", "GetObject"]
    assert own.status()["refused"] == []


def test_a_copy_has_all_that_is_built_and_a_life_of_its_own(own):
    ec2 = own.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own.client("s3").create_bucket(Bucket="built")
    own.client("s3").put_object(Bucket="built", Key="page.html", Body=b"built before")
    own.faults("error", at=1, operation="DeleteVpc")
    with own.copy() as copy:
        assert (copy.requests(), copy.status()["faults"]) == ([], [])
        assert copy.client("s3").get_object(Bucket="built", Key="page.html")["Body"].read() == b"built before"
        copy.client("ec2").delete_vpc(VpcId=vpc)
        with pytest.raises(ClientError, match="does not exist"):
            copy.client("ec2").describe_vpcs(VpcIds=[vpc])
        assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        with copy.copy() as grandchild:
            assert grandchild.client("s3").list_buckets()["Buckets"]
        pid = copy.status()["pid"]
        assert pid != own.status()["pid"]
    assert not Path(f"/proc/{pid}").exists()
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]


def test_a_copy_outlives_what_it_is_a_copy_of(own):
    with own.copy() as first, first.copy() as copy:
        first.stop()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", first.port))
        assert copy.status()["calls"] == 0


def test_a_copy_has_a_clock_of_its_own(own):
    with Sandbox(copy_of=own.port, clock=60) as copy:
        assert (copy.status()["clock"], own.status()["clock"]) == (60, 0)


def test_the_copy_of_nothing_is_refused():
    with pytest.raises(SandboxError, match="Start it with"), Sandbox().copy():
        pass
