# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What botocore writes on the wire, the sandbox reads back: every operation of the services that the estate uses."""

import datetime
from urllib.parse import urlencode

import pytest
from botocore.model import OperationModel, Shape
from botocore.serialize import create_serializer
from botocore.utils import percent_encode_sequence
from moto.core.request import Request
from moto.core.utils import get_service_model
from werkzeug.test import EnvironBuilder

from sandbox.catalogue import recognise
from sandbox.validation import Checker
from sandbox.wire import read_input

SERVICES = [
    "accessanalyzer",
    "acm",
    "application-autoscaling",
    "athena",
    "autoscaling",
    "backup",
    "budgets",
    "ce",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "config",
    "ec2",
    "elasticache",
    "elbv2",
    "events",
    "firehose",
    "glue",
    "guardduty",
    "iam",
    "imagebuilder",
    "inspector2",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "quicksight",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "s3control",
    "secretsmanager",
    "securityhub",
    "sns",
    "sqs",
    "ssm",
    "sts",
    "synthetics",
    "wafv2",
]
# Former names of other operations; the last one differs from ListBuckets in its host alone.
INDISTINGUISHABLE = {
    "GetBucketLifecycle",
    "GetBucketNotification",
    "PutBucketLifecycle",
    "PutBucketNotification",
    "ListDirectoryBuckets",
}
MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def sample(shape: Shape, above: tuple[str, ...] = ()):
    """A value that fits the shape in everything but patterns."""
    kind = shape.type_name
    least = shape.metadata.get("min", 0)
    if kind == "structure":
        if shape.is_document_type:
            return {"any": ["thing"]}
        # A shape inside itself ends where it may, and so do the towers of shapes that QuickSight has.
        names = list(shape.members)
        if shape.name in above or len(above) > 6:
            nested = ("structure", "list", "map")
            names = [name for name in names if shape.members[name].type_name not in nested]
            names = list(dict.fromkeys([*shape.required_members, *names]))
        if shape.is_tagged_union:
            names = names[:1] or list(shape.members)[-1:]
        return {name: sample(shape.members[name], (*above, shape.name)) for name in names}
    if kind == "list":
        return [sample(shape.member, above)] * max(least, 1)
    if kind == "map":
        key = sample(shape.key, above)
        keys = [key] if key in shape.key.metadata.get("enum", []) else [f"{key}{n}" for n in range(max(least, 1))]
        keys = [key[len(key) - shape.key.metadata.get("max", len(key)) :] for key in keys]
        return {key: sample(shape.value, above) for key in keys}
    if kind == "string":
        if shape.metadata.get("enum"):
            return shape.metadata["enum"][0]
        return "x" * min(max(least, 1), shape.metadata.get("max", least + 1))
    if kind == "boolean":
        return True
    if kind in ("integer", "long"):
        return max(least, 1)
    if kind in ("float", "double"):
        return float(max(least, 1))
    if kind == "timestamp":
        return MOMENT
    return b"x" * max(least, 1)


def pruned(value):
    """The value without empty structures, which the query protocols cannot write."""
    if isinstance(value, dict):
        below = {name: pruned(member) for name, member in value.items()}
        return {name: member for name, member in below.items() if member not in ({}, [])}
    if isinstance(value, list):
        return [item for item in map(pruned, value) if item not in ({}, [])]
    return value


def received(operation: OperationModel, params: dict):
    """The call that the sandbox sees when botocore makes this one."""
    service = operation.service_model
    serializer = create_serializer(service.resolved_protocol, include_validation=True)
    request = serializer.serialize_to_request(params, operation)
    # As botocore.awsrequest.prepare_request_dict and AWSRequestPreparer do.
    query = percent_encode_sequence(request["query_string"])
    url = "&".join(filter(None, [request["url_path"], query])) if "?" in request["url_path"] else None
    url = url or "?".join(filter(None, [request["url_path"], query]))
    body = request["body"]
    body = urlencode(body) if isinstance(body, dict) else body
    body = body.encode() if isinstance(body, str) else body
    credential = f"Credential=KEY/20260102/eu-west-1/{service.signing_name}/aws4_request"
    headers = {**request["headers"], "Authorization": f"AWS4-HMAC-SHA256 {credential}, Signature=0"}
    environ = EnvironBuilder(url, method=request["method"], headers=headers, data=body).get_environ()
    environ["RAW_URI"] = url
    return recognise(Request(environ), body)


@pytest.mark.parametrize("service", SERVICES)
def test_botocore_requests_are_read_back(service):
    model = get_service_model(service)
    wrong = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        params = sample(operation.input_shape) if operation.input_shape else {}
        call = received(operation, params)
        if operation.input_shape is None or name in INDISTINGUISHABLE:
            continue
        if call.operation_name != name:
            wrong[name] = f"recognised as {call.service}:{call.operation_name}"
            continue
        checker = Checker(service, name)
        read = checker.value(call.operation.input_shape, read_input(call))
        problems = [problem for problem in checker.problems if problem.kind != "pattern"]
        if problems or pruned(read) != pruned(params):
            wrong[name] = problems or (read, params)
    assert not wrong
