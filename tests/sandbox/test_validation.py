# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A request that the model does not allow is refused, with the error that AWS gives, before moto sees it."""

import urllib.parse
import urllib.request
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from moto.core.utils import get_service_model

from sandbox.validation import compiled

SERVICES = ["accessanalyzer", "cloudtrail", "ec2", "iam", "kms", "logs", "rds", "s3", "sns", "ssm", "wafv2"]

TRUST = '{"Version": "2012-10-17", "Statement": []}'

REFUSED = [
    # Missing
    ("ec2", "create_subnet", {"CidrBlock": "10.0.0.0/24"}, "MissingParameter", "must contain the parameter VpcId"),
    ("rds", "delete_db_instance", {}, "MissingParameter", "must contain the parameter DBInstanceIdentifier"),
    ("iam", "create_role", {"RoleName": "x"}, "ValidationError", "Value null at 'assumeRolePolicyDocument'"),
    (
        "kms",
        "describe_key",
        {},
        "ValidationException",
        "Value null at 'keyId' failed to satisfy constraint: Member",
    ),
    ("logs", "create_log_group", {}, "InvalidParameterException", "'logGroupName'"),
    ("accessanalyzer", "create_analyzer", {"analyzerName": "x"}, "ValidationException", "'type'"),
    ("s3", "put_bucket_versioning", {"Bucket": "x", "VersioningConfiguration": {"Status": "On"}}, "MalformedXML", ""),
    # Enums
    (
        "ec2",
        "create_vpc",
        {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "mine"},
        "InvalidParameterValue",
        "Value (mine) for parameter InstanceTenancy is invalid",
    ),
    (
        "kms",
        "create_key",
        {"KeyUsage": "FUN"},
        "ValidationException",
        "1 validation error detected: Value 'FUN' at 'keyUsage' failed to satisfy constraint: "
        "Member must satisfy enum value set: [",
    ),
    (
        "s3",
        "put_bucket_ownership_controls",
        {"Bucket": "x", "OwnershipControls": {"Rules": [{"ObjectOwnership": "Everybody"}]}},
        "MalformedXML",
        "objectOwnership",
    ),
    ("s3", "put_bucket_acl", {"Bucket": "x", "ACL": "open"}, "InvalidArgument", "'open'"),
    # Patterns
    (
        "iam",
        "create_role",
        {"RoleName": "not valid", "AssumeRolePolicyDocument": TRUST},
        "ValidationError",
        "1 validation error detected: Value 'not valid' at 'roleName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    ),
    ("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException", "regular expression pattern"),
    ("iam", "create_user", {"UserName": "x", "Path": "no-slash"}, "ValidationError", "'path'"),
    # Lengths and ranges
    (
        "iam",
        "create_role",
        {"RoleName": "r" * 65, "AssumeRolePolicyDocument": TRUST},
        "ValidationError",
        "Member must have length less than or equal to 64",
    ),
    (
        "iam",
        "update_account_password_policy",
        {"MinimumPasswordLength": 5, "MaxPasswordAge": 5000},
        "ValidationError",
        "2 validation errors detected: Value '5' at 'minimumPasswordLength' failed to satisfy constraint: "
        "Member must have value greater than or equal to 6; Value '5000' at 'maxPasswordAge'",
    ),
    ("kms", "enable_key_rotation", {"KeyId": "x", "RotationPeriodInDays": 9}, "ValidationException", "or equal to 90"),
    (
        "kms",
        "tag_resource",
        {"KeyId": "x", "Tags": [{"TagKey": "k" * 129, "TagValue": "v"}]},
        "ValidationException",
        "at 'tags.1.member.tagKey'",
    ),
    # Types
    ("kms", "create_key", {"Description": 5}, "SerializationException", "Expected a string at 'description'"),
    ("kms", "create_key", {"MultiRegion": "yes"}, "SerializationException", "Expected true or false"),
    ("ec2", "describe_vpcs", {"MaxResults": "many"}, "InvalidParameterValue", "Value (many) for parameter MaxResults"),
]


@pytest.mark.parametrize(("service", "operation", "params", "code", "message"), REFUSED)
def test_refused_as_aws_would(sandbox, service, operation, params, code, message):
    client = sandbox.client(service, parameter_validation=False)
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**params)
    assert error.value.response["Error"]["Code"] == code
    assert message in error.value.response["Error"]["Message"]
    entry = sandbox.requests()[-1]
    assert (entry["service"], entry["outcome"], entry["error"]) == (service, "refused", code)
    assert message in entry["message"]


def _post(sandbox, service, body, **headers):
    credential = f"Credential=sandbox/20260102/us-east-1/{service}/aws4_request"
    headers["Authorization"] = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(sandbox.endpoint, body.encode(), headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_an_unknown_member_of_a_form_is_refused(sandbox):
    form = {"Action": "DescribeVpcs", "Version": "2016-11-15", "VpcIds.1": "vpc-1"}
    status, body = _post(
        sandbox, "ec2", urllib.parse.urlencode(form), **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert status == 400
    assert "<Code>UnknownParameter</Code>" in body
    assert "VpcIds" in body


def test_an_unknown_member_of_json_is_refused(sandbox):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.CreateKey"}
    status, body = _post(sandbox, "kms", '{"Descripton": "typing error"}', **headers)
    assert status == 400
    assert "ValidationException" in body
    assert "descripton" in body


def test_what_is_not_json_is_refused(sandbox):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.CreateKey"}
    status, body = _post(sandbox, "kms", "{", **headers)
    assert status == 400
    assert "SerializationException" in body


def test_an_operation_that_nobody_has_is_told(sandbox):
    with pytest.raises(ClientError) as error:
        sandbox.client("health").describe_events()
    assert error.value.response["Error"]["Code"] == "NotImplemented"
    assert "health:DescribeEvents" in error.value.response["Error"]["Message"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_a_model_compiles(service):
    loader = Loader()
    shapes = loader.load_service_model(service, "service-2")["shapes"].values()
    patterns = {shape["pattern"] for shape in shapes if "pattern" in shape}
    for pattern in patterns:
        compiled(pattern)


@pytest.mark.parametrize(
    ("service", "shape", "good", "bad"),
    [
        ("iam", "roleNameType", ["web", "a+b=c,d.e@f-g_h"], ["", "a b", "ä/ö"]),
        ("iam", "pathType", ["/", "/service-role/"], ["service-role", "//x"]),
        ("kms", "AliasNameType", ["alias/estate/database"], ["alias/a b"]),
        ("kms", "TagKeyType", ["anything", "日本語"], []),
        ("autoscaling", "XmlStringMaxLen255", ["web 日本語 \U0001f600"], ["\x00"]),
        ("ssm", "TagKey", ["日本語 key"], ["a|b"]),
    ],
)
def test_patterns_mean_what_java_means(service, shape, good, bad):
    pattern = get_service_model(service).shape_for(shape).metadata.get("pattern", r"[\s\S]*")
    assert [value for value in good if not compiled(pattern).fullmatch(value)] == []
    assert [value for value in bad if compiled(pattern).fullmatch(value)] == []
