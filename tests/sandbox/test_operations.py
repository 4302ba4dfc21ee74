# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Our operations answer in the shapes and with the errors that the model lists, and only where moto does not."""

import ast
from pathlib import Path

import pytest
from moto.core.utils import get_service_model

from sandbox import answers, operations
from sandbox.catalogue import Call

SERVICES = Path(operations.__file__).parent / "services"

# Errors that every operation of a protocol may answer, which models do not list:
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and "Error responses" of S3's reference.
COMMON = {"ValidationException", "ValidationError", "AccessDenied"}
# Errors of a service that its model does not list, only in its texts, or not at all:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html,
# https://docs.aws.amazon.com/awssupport/latest/APIReference/API_DescribeTrustedAdvisorChecks.html and
# https://github.com/aws-solutions/quota-monitor-for-aws/issues/73
UNLISTED = {
    "sqs": {"InvalidParameterValue"},
    "support": {"InvalidParameterValueException", "SubscriptionRequiredException"},
}
# What botocore calls the services whose files cannot be called so.
SERVICE_NAMES = {"applicationautoscaling": "application-autoscaling"}
# botocore's models of EC2 and S3 list no errors to hold ours against.
HELD_AGAINST_THE_MODEL = [
    path for path in sorted(SERVICES.glob("[a-z]*.py")) if path.stem.partition("_")[0] not in ("ec2", "s3")
]


@pytest.fixture(scope="module", autouse=True)
def loaded():
    operations.load()


def test_there_are_operations():
    assert ("accessanalyzer", "CreateAnalyzer") in operations.all_operations()


def _raised(path):
    """The codes of the errors that a file raises, by line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ServiceError":
            yield node.lineno, ast.literal_eval(node.args[0])


@pytest.mark.parametrize("path", HELD_AGAINST_THE_MODEL, ids=lambda path: path.stem)
def test_only_errors_of_the_model(path):
    name = path.stem.partition("_")[0]
    shapes = get_service_model(SERVICE_NAMES.get(name, name)).error_shapes
    listed = {shape.error_code for shape in shapes} | {shape.name for shape in shapes}
    assert {code for _, code in _raised(path)} - listed <= COMMON | UNLISTED.get(name, set())


def test_an_operation_that_moto_has_is_refused():
    with pytest.raises(SystemExit, match="moto has ec2:CreateVpc by now"):
        operations.operation("ec2", "CreateVpc")(lambda request: {})


def test_an_operation_that_no_model_has_is_refused():
    with pytest.raises(SystemExit, match="no operation CreateCastle"):
        operations.operation("ec2", "CreateCastle")(lambda request: {})


def test_moto_has_what_it_has():
    assert operations.moto_has("ec2", "CreateVpc")
    assert operations.moto_lacks("accessanalyzer", "CreateAnalyzer")
    assert operations.moto_lacks("s3", "GetBucketMetricsConfiguration")
    assert not operations.moto_lacks("s3", "GetBucketPolicy")


def _questions(service, operation, body):
    model = get_service_model(service)
    call = Call(None, b"", "us-east-1", None, service, model.operation_model(operation), model.protocol)
    return answers.questions(call, body)


@pytest.mark.parametrize(
    ("operation", "answer", "expected"),
    [
        ("ListAnalyzers", {"analyzers": [{"name": "x", "tags": {"any": "tag"}}]}, []),
        ("ListAnalyzers", {"analysers": [], "analyzers": [{"nmae": "x"}]}, ["analysers", "analyzers.nmae"]),
        ("GetArchiveRule", {"archiveRule": {"filter": {"x": {"equals": []}}}}, ["archiveRule.filter.x.equals"]),
        ("DeleteAnalyzer", None, []),
        ("DeleteAnalyzer", {"arn": "x"}, ["arn"]),
    ],
)
def test_members_that_would_be_dropped_are_found(operation, answer, expected):
    shape = get_service_model("accessanalyzer").operation_model(operation).output_shape
    assert answers.unknown_members(shape, answer) == expected


@pytest.mark.parametrize(
    ("service", "operation", "body", "expected"),
    [
        ("kms", "ListKeys", b'{"Keys": [{"KeyId": "x"}], "Truncated": false}', []),
        (
            "kms",
            "ListKeys",
            b'{"Keys": [{"Id": "x"}, {"Id": "y"}], "Truncated": "no"}',
            ["Keys.Id: the model has no such member", "Truncated: expected true or false"],
        ),
        ("accessanalyzer", "GetAnalyzer", b"{}", ["analyzer: the model requires it"]),
        (
            "ec2",
            "DescribeVpcs",
            b"<DescribeVpcsResponse><requestId>1</requestId><vpcSet><item><vpcId>v</vpcId><colour>red</colour></item>"
            b"</vpcSet></DescribeVpcsResponse>",
            ["Vpcs.colour: the model has no such member"],
        ),
        (
            "iam",
            "GetUser",
            b"<GetUserResponse><GetUserResult><User><Path>/</Path><UserName>x</UserName><UserId>y</UserId><Arn>z</Arn>"
            b"<CreateDate>yesterday</CreateDate></User></GetUserResult><ResponseMetadata/></GetUserResponse>",
            ["User.CreateDate: expected a timestamp"],
        ),
        (
            "s3",
            "GetBucketVersioning",
            b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            [],
        ),
        ("s3", "GetObject", b"anything", []),
        # The location is in the headers.
        (
            "route53",
            "CreateHealthCheck",
            b"<CreateHealthCheckResponse/>",
            ["HealthCheck: the model requires it"],
        ),
    ],
)
def test_an_answer_is_held_against_the_model(service, operation, body, expected):
    assert _questions(service, operation, body) == expected
