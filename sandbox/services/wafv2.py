# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS WAF (v2): what refers to something else is looked at.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/waf/latest/APIReference/
"""

from __future__ import annotations

from typing import Any

from moto.wafv2.models import GLOBAL_REGION, FakeWebACL, wafv2_backends

from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, operation

# What the names of log destinations begin with:
# https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html
_LOGS = "aws-waf-logs-"


def _nonexistent() -> ServiceError:
    return ServiceError("WAFNonexistentItemException", "AWS WAF couldn't find the resource.")


def _invalid(field: str, parameter: str, reason: str) -> ServiceError:
    message = f"Error reason: {reason}, field: {field}, parameter: {parameter}"
    return ServiceError("WAFInvalidParameterException", message, Field=field, Parameter=parameter, Reason=reason)


def _backend(request: Request, arn: str) -> Any:
    """moto's memory of what has this ARN; what is for CloudFront has a memory of its own."""
    return wafv2_backends[request.account][GLOBAL_REGION if ":global/" in arn else request.region]


def _web_acl(request: Request, arn: str) -> FakeWebACL:
    web_acl = _backend(request, arn).wacls.get(arn)
    if web_acl is None:
        raise _nonexistent()
    return web_acl


# Logging


@operation("wafv2", "PutLoggingConfiguration", instead_of_moto="It logs for any web ACL, and to any place.")
def put_logging_configuration(request: Request) -> Any:
    configuration = request.params["LoggingConfiguration"]
    _web_acl(request, configuration["ResourceArn"])
    if len(configuration["LogDestinationConfigs"]) > 1:
        raise ServiceError("WAFLimitsExceededException", "A web ACL has one log destination.")
    (destination,) = configuration["LogDestinationConfigs"]
    name = destination.split(":", 5)[-1].removeprefix("deliverystream/").removeprefix("log-group:")
    if not name.startswith(_LOGS):
        raise _invalid("LOG_DESTINATION", destination, f"The name doesn't begin with {_LOGS}")
    for field in configuration.get("RedactedFields", []):
        if len(field) != 1 or not field.keys() <= {"UriPath", "QueryString", "SingleHeader", "Method"}:
            raise _invalid("FIELD_TO_MATCH", "FieldToMatch", "You have specified a field that can't be redacted")
    return LET_MOTO_ANSWER
