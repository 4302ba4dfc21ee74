# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from unittest import mock

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import ensure_absent, ensure_present
from ansible_collections.wellarchitected.aws.plugins.modules.sns_subscription import Subscription, to_attributes

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:example"


def subscription_of(arn, state="present", **given):
    """Of an address to a topic, which SNS lists with this ARN."""
    sns = mock.Mock()
    listed = {"Protocol": "email", "Endpoint": "operators@example.com", "SubscriptionArn": arn}
    sns.get_paginator.return_value.paginate.return_value = [{"Subscriptions": [listed]}]
    sns.get_subscription_attributes.return_value = {"Attributes": {"PendingConfirmation": "false"}}
    params = {"topic_arn": TOPIC, "protocol": "email", "endpoint": "operators@example.com", "state": state}
    return Subscription({**params, "raw_message_delivery": None, "dead_letter_target_arn": None, **given}, sns), sns


def test_who_has_not_confirmed_yet_is_not_asked_again():
    subscription, sns = subscription_of("PendingConfirmation", dead_letter_target_arn="arn:aws:sqs:example")
    outcome = ensure_present(subscription)
    assert not outcome.changed
    assert (outcome.after["pending"], outcome.after["subscription_arn"]) == (True, None)
    sns.subscribe.assert_not_called()


def test_what_is_pending_cannot_be_ended():
    subscription, sns = subscription_of("PendingConfirmation", state="absent")
    assert not ensure_absent(subscription).changed
    sns.unsubscribe.assert_not_called()


def test_who_left_is_asked_again():
    subscription, _sns = subscription_of("Deleted")
    assert ensure_present(subscription, check_mode=True).changed


@pytest.mark.parametrize(
    ("fields", "attributes"),
    [
        ({}, {}),
        ({"raw_message_delivery": True}, {"RawMessageDelivery": "true"}),
        ({"dead_letter_target_arn": ""}, {"RedrivePolicy": ""}),
        ({"dead_letter_target_arn": "arn:q"}, {"RedrivePolicy": '{"deadLetterTargetArn": "arn:q"}'}),
    ],
)
def test_to_attributes(fields, attributes):
    assert to_attributes(fields) == attributes
