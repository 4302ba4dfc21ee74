# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION, Story

MODULE = "elasticache_subnet_group"
NAME = "example"


def subnets(sandbox):
    return [subnet["SubnetId"] for subnet in sandbox.client("ec2", REGION).describe_subnets()["Subnets"]]


def test_story(modules, sandbox):
    first, second, third = subnets(sandbox)

    def drift(sandbox):
        cache = sandbox.client("elasticache", REGION)
        cache.modify_cache_subnet_group(CacheSubnetGroupName=NAME, SubnetIds=[third])

    modules.tell(
        Story(
            module=MODULE,
            returns="subnet_group",
            identity={"cache_subnet_group_name": "Example"},
            present={"description": "d", "subnet_ids": [second, first], "tags": {"Number": 1}},
            changes=(
                {"tags": {"Environment": "test"}},
                {"description": "other", "subnet_ids": [first, third]},
            ),
            drift=drift,
            unpredictable=frozenset({"arn", "vpc_id"}),
        )
    )


def test_refused(modules, sandbox, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert "needs description and subnet_ids" in modules.attempt(MODULE, cache_subnet_group_name=NAME)["msg"]
    arguments = {"cache_subnet_group_name": NAME, "description": "d", "subnet_ids": subnets(sandbox)}
    modules.run(MODULE, **arguments)
    assert "needs subnet_ids" in modules.attempt(MODULE, **{**arguments, "subnet_ids": []})["msg"]
    cache = sandbox.client("elasticache", REGION)
    cache.create_replication_group(
        ReplicationGroupId="c", ReplicationGroupDescription="d", Engine="valkey", CacheSubnetGroupName=NAME
    )
    refused = modules.attempt(MODULE, cache_subnet_group_name=NAME, state="absent")
    assert "A cache is still in the subnet group example" in refused["msg"]
    assert cache.describe_cache_subnet_groups()["CacheSubnetGroups"]
