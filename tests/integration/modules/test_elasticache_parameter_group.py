# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "elasticache_parameter_group"
NAME = "example"
NEW = {"cache_parameter_group_family": "valkey8", "description": "d"}


def values(sandbox):
    cache = sandbox.client("elasticache", REGION)
    parameters = cache.describe_cache_parameters(CacheParameterGroupName=NAME, Source="user")["Parameters"]
    return {each["ParameterName"]: each["ParameterValue"] for each in parameters}


def test_story(modules):
    def drift(sandbox):
        changed = [{"ParameterName": "timeout", "ParameterValue": "60"}]
        cache = sandbox.client("elasticache", REGION)
        cache.modify_cache_parameter_group(CacheParameterGroupName=NAME, ParameterNameValues=changed)

    modules.tell(
        Story(
            module=MODULE,
            returns="parameter_group",
            identity={"cache_parameter_group_name": "Example"},
            present={
                **NEW,
                "parameters": {
                    "maxmemory-policy": "allkeys-lru",
                    "slowlog-log-slower-than": 5000,
                    "tcp-keepalive": 300,
                },
                "tags": {"Number": 1},
            },
            changes=(
                {"tags": {"Environment": "test"}},
                {"parameters": {"activedefrag": True, "maxmemory-policy": "noeviction"}},
                {"parameters": {"timeout": 300}, "purge_parameters": False},
                {"parameters": {}, "purge_parameters": True},
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_many_parameters(modules, sandbox):
    """AWS takes 20 of them at once."""
    changeable = {
        "client-output-buffer-limit-pubsub-hard-limit": 1,
        "client-output-buffer-limit-pubsub-soft-limit": 1,
        "client-output-buffer-limit-pubsub-soft-seconds": 1,
        **dict.fromkeys(("activedefrag", "lazyfree-lazy-eviction", "lazyfree-lazy-expire", "cluster-enabled"), True),
        **dict.fromkeys(("activerehashing", "close-on-replica-write"), False),
        **dict.fromkeys(("hll-sparse-max-bytes", "lfu-decay-time", "lfu-log-factor", "list-compress-depth"), 7),
        **dict.fromkeys(("maxmemory-samples", "min-replicas-max-lag", "min-replicas-to-write", "timeout"), 7),
        **dict.fromkeys(("repl-backlog-ttl", "set-max-intset-entries", "slowlog-max-len", "tcp-keepalive"), 7),
        "notify-keyspace-events": "Ex",
    }
    modules.run(MODULE, cache_parameter_group_name=NAME, **NEW, parameters=changeable)
    assert len(values(sandbox)) == len(changeable) > 20
    assert values(sandbox)["activedefrag"] == "yes"
    modules.run(MODULE, cache_parameter_group_name=NAME, parameters={})
    assert values(sandbox) == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs cache_parameter_group_family and description"),
        (
            {**NEW, "parameters": {"maxmemory-polic": "x"}},
            "no parameter maxmemory-polic. Did you mean maxmemory-policy?",
        ),
        ({**NEW, "parameters": {"maxclients": 1}}, "AWS does not let the parameter maxclients be changed; it is 65000"),
        ({**NEW, "cache_parameter_group_name": "default.valkey8"}, "one of AWS's own parameter groups"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, arguments, said, check):
    assert said in modules.attempt(MODULE, check, **{"cache_parameter_group_name": NAME, **arguments})["msg"]


def test_refused_when_there(modules, sandbox):
    modules.run(MODULE, cache_parameter_group_name=NAME, **NEW)
    refused = modules.attempt(MODULE, cache_parameter_group_name=NAME, cache_parameter_group_family="redis7")
    assert "is valkey8, and AWS cannot make it redis7" in refused["msg"]


def test_in_use(modules, sandbox, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    modules.run(MODULE, cache_parameter_group_name=NAME, **NEW)
    sandbox.client("elasticache", REGION).create_replication_group(
        ReplicationGroupId="c", ReplicationGroupDescription="d", Engine="valkey", CacheParameterGroupName=NAME
    )
    refused = modules.attempt(MODULE, cache_parameter_group_name=NAME, state="absent")
    assert "A cache still uses the parameter group example" in refused["msg"]
