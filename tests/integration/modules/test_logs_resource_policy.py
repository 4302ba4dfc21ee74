# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

from .conftest import REGION, Story


def policy(*actions):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "route53.amazonaws.com"},
                "Action": list(actions),
                "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/*",
            }
        ],
    }


def test_story(modules):
    modules.tell(
        Story(
            module="logs_resource_policy",
            returns="resource_policy",
            identity={"policy_name": "example"},
            present={"policy_document": policy("logs:PutLogEvents")},
            changes=({"policy_document": policy("logs:PutLogEvents", "logs:CreateLogStream")},),
            drift=lambda sandbox: sandbox.client("logs", REGION).put_resource_policy(
                policyName="example", policyDocument=json.dumps(policy("logs:CreateLogStream"))
            ),
        )
    )


def test_the_same_in_other_words(modules):
    actions = ("logs:PutLogEvents", "logs:CreateLogStream")
    modules.run("logs_resource_policy", policy_name="example", policy_document=policy(*actions))
    again = modules.run("logs_resource_policy", policy_name="example", policy_document=policy(*actions[::-1]))
    assert not again["changed"]


def test_limit(modules):
    for number in range(10):
        modules.run("logs_resource_policy", policy_name=f"policy{number}", policy_document=policy("logs:PutLogEvents"))
    for check in (True, False):
        answer = modules.attempt(
            "logs_resource_policy", check, policy_name="one-more", policy_document=policy("logs:PutLogEvents")
        )
        assert "the limit: policy0, policy1" in answer["msg"]
    changed = modules.run("logs_resource_policy", policy_name="policy0", policy_document=policy("logs:CreateLogStream"))
    assert changed["changed"]


def test_not_a_policy(modules):
    answer = modules.attempt("logs_resource_policy", policy_name="example", policy_document="{")
    assert "policy_document is not valid JSON" in answer["msg"]
