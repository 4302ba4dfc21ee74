# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Resource Groups Tagging API: kinds of resources that moto leaves out or misnames.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from moto.cloudtrail.models import cloudtrail_backends
from moto.core.resource_tagging import TaggedResource
from moto.ec2.models import EC2Backend
from moto.resourcegroupstaggingapi import models
from moto.s3.models import S3Backend

from sandbox.operations import mend, states


@mend(EC2Backend, "iter_tagged_resources")
def tagged_ec2_resources(original: Callable, self: EC2Backend) -> Iterator[TaggedResource]:
    """Flow logs and prefix lists by the names that they have in ARNs; elastic addresses, endpoints and others too."""
    for resource in original(self):
        if resource.resource_type not in ("ec2:flow-logs", "ec2:managed-prefix-lists"):
            yield resource
    more = {
        "dhcp-options": self.dhcp_options_sets,
        "egress-only-internet-gateway": self.egress_only_internet_gateways,
        "elastic-ip": [address.allocation_id for address in self.addresses],
        "launch-template": self.launch_templates,
        "network-acl": self.network_acls,
        "prefix-list": self.managed_prefix_lists,
        "vpc-endpoint": self.vpc_end_points,
        "vpc-flow-log": self.flow_logs,
    }
    for kind, identifiers in more.items():
        for identifier in identifiers:
            arn = f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:{kind}/{identifier}"
            yield TaggedResource(arn, dict(self.tags.get(identifier, {})), f"ec2:{kind}")


class _TrailTags:
    """The trails of a region, as moto's tagging API asks a backend for its resources."""

    def __init__(self, account: str, region: str):
        self._backend = cloudtrail_backends[account][region]

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for trail in self._backend.trails.values():
            tags = self._backend.tagging_service.get_tag_dict_for_resource(trail.arn)
            yield TaggedResource(trail.arn, tags, "cloudtrail:trail")

    def owns_arn(self, arn: str) -> bool:
        return ":cloudtrail:" in arn

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        self._backend.add_tags(arn, [{"Key": key, "Value": value} for key, value in tags.items()])

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self._backend.tagging_service.untag_resource_using_names(arn, tag_keys)


class _AnalyzerTags:
    """The analyzers of a region, in the same way."""

    def __init__(self, account: str, region: str):
        self._analyzers = states("accessanalyzer")[account][region].values.get("analyzers", {})

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for analyzer in self._analyzers.values():
            yield TaggedResource(analyzer["arn"], dict(analyzer["tags"]), "access-analyzer:analyzer")

    def owns_arn(self, arn: str) -> bool:
        return ":access-analyzer:" in arn

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        self._analyzers[arn.rpartition("/")[2]]["tags"].update(tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        for key in tag_keys:
            self._analyzers[arn.rpartition("/")[2]]["tags"].pop(key, None)


@mend(models, "iter_taggable_backends")
def taggable_backends(original: Callable, account_id: str, region_name: str) -> Iterator:
    yield from original(account_id, region_name)
    yield _TrailTags(account_id, region_name)
    yield _AnalyzerTags(account_id, region_name)


@mend(models.ResourceGroupsTaggingAPIBackend, "_get_resources_generator")
def resources_of_the_region(original: Callable, self: models.ResourceGroupsTaggingAPIBackend, **filters) -> Iterator:
    """Buckets belong to a region, though moto keeps all of them in one place."""
    buckets = models.iter_taggable_backends(self.account_id, self.region_name)
    elsewhere = {
        bucket.arn
        for backend in buckets
        if isinstance(backend, S3Backend)
        for bucket in backend.buckets.values()
        if bucket.region_name != self.region_name
    }
    return (resource for resource in original(self, **filters) if resource.arn not in elsewhere)
