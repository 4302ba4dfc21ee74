# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import ensure_absent, ensure_present
from ansible_collections.wellarchitected.aws.plugins.modules.cloudfront_distribution import FIELDS, Distribution

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
NEW = {
    "origins": [{"id": "a", "domain_name": "a.s3.amazonaws.com"}],
    "default_cache_behavior": {"target_origin_id": "a", "cache_policy": CACHING_DISABLED},
}


def client_error(code, operation):
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": code}}, operation)


class CloudFront:
    """CloudFront with some distributions, two on a page, that notes what it is asked to do."""

    def __init__(self, **names):
        self.names = names
        self.configs = {}
        self.status = "Deployed"
        self.version = 1
        self.conflicts = 0
        self.lost_answers = 0
        self.calls = []

    def add(self, identifier, name, config):
        self.names[identifier] = name
        self.configs[identifier] = config

    def list_distributions(self, Marker="0"):
        start = int(Marker)
        found = [{"Id": name, "ARN": name, "Staging": name.startswith("staging")} for name in self.names]
        more = {"NextMarker": str(start + 2)} if start + 2 < len(found) else {}
        return {"DistributionList": {"Items": found[start : start + 2], **more}}

    def list_cache_policies(self, Type):
        assert Type == "managed"
        config = {"Name": "Managed-CachingDisabled"}
        item = {"CachePolicy": {"Id": CACHING_DISABLED, "CachePolicyConfig": config}}
        return {"CachePolicyList": {"Items": [item]}}

    def list_tags_for_resource(self, Resource):
        return {"Tags": {"Items": [{"Key": "Name", "Value": self.names[Resource]}]}}

    def get_distribution(self, Id):
        if Id not in self.configs:
            raise client_error("NoSuchDistribution", "GetDistribution")
        return {
            "Distribution": {
                "Id": Id,
                "ARN": Id,
                "DomainName": "d1.cloudfront.net",
                "Status": self.status,
                "DistributionConfig": self.configs[Id],
            }
        }

    def get_distribution_config(self, Id):
        return {"DistributionConfig": self.configs[Id], "ETag": str(self.version)}

    def create_distribution_with_tags(self, DistributionConfigWithTags):
        self.calls.append("create")
        (tag,) = DistributionConfigWithTags["Tags"]["Items"]
        self.add("E9", tag["Value"], DistributionConfigWithTags["DistributionConfig"])
        if self.lost_answers:
            raise client_error("DistributionAlreadyExists", "CreateDistributionWithTags")
        return {"Distribution": {"Id": "E9"}}

    def update_distribution(self, Id, IfMatch, DistributionConfig):
        if self.conflicts:
            self.conflicts -= 1
            self.version += 1
            self.configs[Id] = {**self.configs[Id], "Staging": self.version}
        if IfMatch != str(self.version):
            raise client_error("PreconditionFailed", "UpdateDistribution")
        self.calls.append("update")
        self.configs[Id] = DistributionConfig
        self.status = "InProgress"

    def get_waiter(self, name):
        assert name == "distribution_deployed"
        return self

    def wait(self, Id, WaiterConfig):
        self.calls.append("wait")
        self.status = "Deployed"

    def delete_distribution(self, Id, IfMatch):
        assert not self.configs[Id]["Enabled"]
        assert self.status == "Deployed"
        self.calls.append("delete")
        del self.configs[Id], self.names[Id]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def distribution(cloudfront, wait=False, **params):
    defaults = {
        "state": "present",
        "distribution_id": None,
        "name": "example",
        "purge_tags": True,
        "wait_timeout": 60,
        **dict.fromkeys(FIELDS),
    }
    return Distribution({**defaults, **params}, cloudfront, wait)


@pytest.fixture
def cloudfront():
    """CloudFront with one distribution, E9, called example."""
    cloudfront = CloudFront()
    ensure_present(distribution(cloudfront, **NEW))
    cloudfront.calls.clear()
    return cloudfront


def test_found_by_its_name_on_any_page():
    cloudfront = CloudFront(E1="a", E2="b", staging="example", E3="c", E4="example")
    cloudfront.configs["E4"] = {
        "Origins": {"Items": []},
        "DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "allow-all"},
    }
    assert distribution(cloudfront).find()["id"] == "E4"
    assert distribution(cloudfront, name="other").find() is None


def test_several_of_a_name():
    with pytest.raises(AnsibleAWSError, match="several distributions with the name example: E1, E2"):
        distribution(CloudFront(E1="example", E2="example")).find()


def test_what_a_new_one_has_that_nothing_was_said_of(cloudfront):
    config = cloudfront.configs["E9"]
    assert config["IsIPV6Enabled"] is True
    assert config["Enabled"] is True
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert config["Origins"]["Items"][0]["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert config["CallerReference"]


def test_a_lost_answer_makes_no_second_one():
    cloudfront = CloudFront()
    cloudfront.lost_answers = 1
    outcome = ensure_present(distribution(cloudfront, **NEW))
    assert outcome.after["id"] == "E9"
    assert cloudfront.calls == ["create"]


def test_a_change_of_somebody_else_is_kept(cloudfront):
    cloudfront.conflicts = 2
    ensure_present(distribution(cloudfront, comment="Other"))
    assert cloudfront.calls == ["update"]
    assert cloudfront.configs["E9"]["Staging"] == 3
    assert cloudfront.configs["E9"]["Comment"] == "Other"


def test_waits_also_without_a_change(cloudfront):
    cloudfront.status = "InProgress"
    assert not ensure_present(distribution(cloudfront)).changed
    assert cloudfront.calls == []
    outcome = ensure_present(distribution(cloudfront, wait=True))
    assert not outcome.changed
    assert outcome.after["status"] == "Deployed"
    assert cloudfront.calls == ["wait"]


def test_disabled_and_waited_for_before_it_is_deleted(cloudfront):
    assert ensure_absent(distribution(cloudfront, state="absent")).changed
    assert cloudfront.calls == ["update", "wait", "delete"]
    assert not ensure_absent(distribution(cloudfront, state="absent")).changed


def test_deleted_when_somebody_else_has_disabled_it(cloudfront):
    cloudfront.configs["E9"]["Enabled"] = False
    cloudfront.status = "InProgress"
    ensure_absent(distribution(cloudfront, state="absent"))
    assert cloudfront.calls == ["wait", "delete"]


def test_policies_of_aws_by_name(cloudfront):
    for name in ("CachingDisabled", "Managed-CachingDisabled", CACHING_DISABLED, ""):
        behavior = {"default_cache_behavior": {"cache_policy": name}}
        found = distribution(cloudfront, **behavior).given["default_cache_behavior"]["cache_policy"]
        assert found == (name and CACHING_DISABLED)
    with pytest.raises(AnsibleAWSError, match=r"behavior\.cache_policy is Cache, .* own: CachingDisabled"):
        distribution(cloudfront, default_cache_behavior={"cache_policy": "Cache"})


def test_the_name_wins_over_the_tags(cloudfront):
    outcome = ensure_present(distribution(cloudfront, tags={"Name": "other", "a": 1}), check_mode=True)
    assert outcome.after["tags"] == {"Name": "example", "a": "1"}
    assert not ensure_present(distribution(cloudfront, tags={})).changed
