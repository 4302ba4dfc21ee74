# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shield Advanced is for those who subscribed to it."""

import pytest
from botocore.exceptions import ClientError

DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345"


def test_without_a_subscription_there_is_nothing(client):
    shield = client("shield", region="us-east-1")
    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
    for ask in (shield.list_protections, lambda: shield.create_protection(Name="site", ResourceArn=DISTRIBUTION)):
        with pytest.raises(ClientError, match=r"ResourceNotFoundException.*The subscription does not exist"):
            ask()


def test_a_subscriber_protects_a_resource(client):
    shield = client("shield", region="us-east-1")
    shield.create_subscription()
    assert shield.get_subscription_state()["SubscriptionState"] == "ACTIVE"
    shield.create_protection(Name="site", ResourceArn=DISTRIBUTION)
    (protection,) = shield.list_protections(InclusionFilters={"ResourceArns": [DISTRIBUTION]})["Protections"]
    assert (protection["Name"], protection["ResourceArn"]) == ("site", DISTRIBUTION)
