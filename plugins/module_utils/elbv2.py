# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of load balancers have in common: tags, errors, and the action of a listener or a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)

from .hints import did_you_mean

State = dict[str, Any]

# The suboptions of a redirection, as the API calls them, and what each is unless told otherwise.
REDIRECT = {
    "protocol": ("Protocol", "#{protocol}"),
    "host": ("Host", "#{host}"),
    "port": ("Port", "#{port}"),
    "path": ("Path", "/#{path}"),
    "query": ("Query", "#{query}"),
    "status_code": ("StatusCode", "HTTP_301"),
}
FIXED_RESPONSE = {"status_code": "StatusCode", "content_type": "ContentType", "message_body": "MessageBody"}

ACTION_OPTION = {
    "type": "dict",
    "options": {
        "forward": {
            "type": "dict",
            "options": {
                "target_groups": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": {
                        "arn": {"type": "str", "required": True},
                        "weight": {"type": "int", "default": 1},
                    },
                },
                "stickiness_seconds": {"type": "int", "default": 0},
            },
        },
        "redirect": {
            "type": "dict",
            "options": {
                **{name: {"type": "str", "default": default} for name, (member, default) in REDIRECT.items()},
                "status_code": {"type": "str", "choices": ["HTTP_301", "HTTP_302"], "default": "HTTP_301"},
            },
        },
        "fixed_response": {
            "type": "dict",
            "options": {
                "status_code": {"type": "str", "required": True},
                "content_type": {"type": "str", "default": "text/plain"},
                "message_body": {"type": "str", "default": ""},
            },
        },
    },
    "mutually_exclusive": [("forward", "redirect", "fixed_response")],
    "required_one_of": [("forward", "redirect", "fixed_response")],
}


class ElbErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call ELB; what is not there is not an error of a read."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound", "TargetGroupNotFound"])


def list_tags(elb: Any, arn: str) -> dict[str, str]:
    (description,) = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return boto3_tag_list_to_ansible_dict(description["Tags"])


@ElbErrorHandler.common_error_handler("tag {arn}")
def change_tags(elb: Any, arn: str, current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Make the tags of a resource exactly those wanted."""
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        elb.remove_tags(ResourceArns=[arn], TagKeys=to_remove)
    if to_set:
        elb.add_tags(ResourceArns=[arn], Tags=ansible_dict_to_boto3_tag_list(to_set))


def as_attributes(options: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as AWS has them, all of them texts."""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in options.items()}


def read_attributes(answer: State) -> dict[str, str]:
    return {attribute["Key"]: attribute.get("Value", "") for attribute in answer["Attributes"]}


def write_attributes(attributes: Mapping[str, str]) -> list[State]:
    return [{"Key": key, "Value": value} for key, value in sorted(attributes.items())]


def differences(current: State, wanted: State) -> State:
    """What of wanted is not so in current."""
    return {key: value for key, value in wanted.items() if value != current.get(key)}


def unknown_attribute(resource: str, current: State, wanted: State) -> str | None:
    """A sentence about an attribute that the resource does not have; None when it has them all."""
    for key in sorted(wanted.keys() - current.keys()):
        return f"{resource} has no attribute {key}.{did_you_mean(key, current)}"
    return None


def normalise_action(action: State) -> State:
    """An action with its target groups in one order."""
    if "forward" not in action:
        return action
    forward = action["forward"]
    groups = sorted(forward["target_groups"], key=lambda group: group["arn"])
    return {"forward": {**forward, "target_groups": groups}}


def read_action(actions: list[State]) -> State:
    """What a rule or a listener does in the end; empty for what an option cannot say, such as asking who it is."""
    if len(actions) != 1:
        return {}
    (action,) = actions
    if action["Type"] == "forward":
        forward = action.get("ForwardConfig", {})
        groups = forward.get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
        stickiness = forward.get("TargetGroupStickinessConfig", {})
        return normalise_action(
            {
                "forward": {
                    "target_groups": [
                        {"arn": group["TargetGroupArn"], "weight": group.get("Weight", 1)} for group in groups
                    ],
                    "stickiness_seconds": stickiness.get("DurationSeconds", 0) if stickiness.get("Enabled") else 0,
                }
            }
        )
    if action["Type"] == "redirect":
        config = action["RedirectConfig"]
        return {"redirect": {name: config.get(member, default) for name, (member, default) in REDIRECT.items()}}
    if action["Type"] == "fixed-response":
        config = {"ContentType": "text/plain", "MessageBody": "", **action["FixedResponseConfig"]}
        return {"fixed_response": {name: config[member] for name, member in FIXED_RESPONSE.items()}}
    return {}


def write_action(action: State) -> list[State]:
    """The actions of the API that do this."""
    if "forward" in action:
        forward = action["forward"]
        seconds = forward["stickiness_seconds"]
        stickiness = {"Enabled": True, "DurationSeconds": seconds} if seconds else {"Enabled": False}
        groups = [{"TargetGroupArn": group["arn"], "Weight": group["weight"]} for group in forward["target_groups"]]
        config = {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}
        return [{"Type": "forward", "ForwardConfig": config}]
    if "redirect" in action:
        config = {member: action["redirect"][name] for name, (member, default) in REDIRECT.items()}
        return [{"Type": "redirect", "RedirectConfig": config}]
    response = {member: action["fixed_response"][name] for name, member in FIXED_RESPONSE.items()}
    return [{"Type": "fixed-response", "FixedResponseConfig": response}]
