# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import Story

MODULE = "shield_protection"
DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345"


def test_story(modules):
    shield = modules.sandbox.client("shield", "us-east-1")
    shield.create_subscription()

    def drift(_sandbox):
        (protection,) = shield.list_protections()["Protections"]
        shield.tag_resource(ResourceARN=protection["ProtectionArn"], Tags=[{"Key": "Owner", "Value": "somebody"}])

    modules.tell(
        Story(
            module=MODULE,
            returns="protection",
            identity={"resource_arn": DISTRIBUTION, "name": "example"},
            present={"tags": {"Owner": "platform"}},
            changes=({"tags": {"Owner": "platform", "Project": "shop"}}, {"tags": {"Owner": "platform"}}),
            drift=drift,
            unpredictable=frozenset({"id", "arn"}),
        )
    )


def test_who_has_not_subscribed_is_told_so(modules):
    for check in (True, False):
        refused = modules.attempt(MODULE, check=check, resource_arn=DISTRIBUTION, name="example")
        assert "no subscription to Shield Advanced" in refused["msg"]
    assert not modules.run(MODULE, resource_arn=DISTRIBUTION, state="absent")["changed"]
    shield = modules.sandbox.client("shield", "us-east-1")
    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
