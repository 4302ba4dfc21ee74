# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudFront in front of an estate: read back from the API, described otherwise, changed behind its back, taken away.

The tests of this module follow one another on one estate, which has only the layers that the distribution stands on.
"""

from __future__ import annotations

import json

import pytest

LAYERS = (
    "encryption,identity,storage,network,dns,certificates,static_content,security_groups,load_balancer,waf,cdn"
)
TOKYO, OSAKA = "ap-northeast-1", "ap-northeast-3"
WORDS = ("-e", "destroy_estate=shop-sandbox", "-e", "destroy_data=data")
# Of the network only what a load balancer needs, so that the tests are quick.
SMALL_NETWORK = {"network_nat": "none", "network_interface_endpoints": [], "network_flow_logs": False}


@pytest.fixture
def described(estate, tmp_path):
    """The argument that describes the estate of these tests, with what else it should say."""
    return lambda **variables: estate.described(tmp_path, **{**SMALL_NETWORK, **variables})


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not estate.writes():
        estate.memory["build"] = estate.run("--tags", LAYERS, "--diff", described())
    return estate


@pytest.fixture
def cloudfront(estate):
    return estate.sandbox.client("cloudfront", region="us-east-1")


def distribution_of(cloudfront) -> dict:
    """The one distribution that there is."""
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    return cloudfront.get_distribution(Id=summary["Id"])["Distribution"]


def secret_of(sandbox, region: str) -> str:
    client = sandbox.client("secretsmanager", region=region)
    return client.get_secret_value(SecretId="shop-sandbox-origin-header")["SecretString"]


def test_the_plan_of_an_empty_account_touches_nothing(estate, described):
    run = estate.run("--check", "--diff", "--tags", LAYERS, described())
    assert {("Keep the bucket of access logs", ""), ("Start the distribution", "")} <= run.touched
    assert estate.writes() == []


def test_the_distribution(built, cloudfront):
    found = distribution_of(cloudfront)
    print(json.dumps(found["DistributionConfig"], indent=1, default=str))
    assert found["Status"] == "Deployed"
