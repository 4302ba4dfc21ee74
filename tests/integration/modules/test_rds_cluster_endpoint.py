# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

NAME = "shop-reports"
CLUSTER = {"DBClusterIdentifier": "shop"}


def create_cluster(sandbox):
    rds = sandbox.client("rds", REGION)
    login = {"MasterUsername": "owner", "ManageMasterUserPassword": True}
    rds.create_db_cluster(**CLUSTER, Engine="aurora-mysql", **login)
    for name in ("one", "two", "three"):
        instance = {"DBInstanceIdentifier": name, "DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}
        rds.create_db_instance(**CLUSTER, **instance)
    return rds


@pytest.fixture
def rds(sandbox):
    return create_cluster(sandbox)


def describe(rds):
    (endpoint,) = rds.describe_db_cluster_endpoints(DBClusterEndpointIdentifier=NAME)["DBClusterEndpoints"]
    return endpoint


def test_story(modules, rds):
    def drift(sandbox):
        rds.modify_db_cluster_endpoint(DBClusterEndpointIdentifier=NAME, EndpointType="READER", StaticMembers=["one"])

    modules.tell(
        Story(
            module="rds_cluster_endpoint",
            returns="endpoint",
            identity={"db_cluster_endpoint_identifier": "Shop-Reports"},
            present={
                "db_cluster_identifier": "shop",
                "endpoint_type": "READER",
                "static_members": ["two", "one"],
                "tags": {"Number": 1},
            },
            changes=(
                {"static_members": None, "excluded_members": ["three"], "tags": {}},
                {"endpoint_type": "ANY", "excluded_members": []},
            ),
            drift=drift,
            unpredictable=frozenset({"address", "arn", "db_cluster_endpoint_resource_identifier"}),
        )
    )


def test_one_list_takes_the_place_of_the_other(modules, rds):
    arguments = {"db_cluster_endpoint_identifier": NAME, "db_cluster_identifier": "shop", "endpoint_type": "ANY"}
    modules.run("rds_cluster_endpoint", **arguments, static_members=["one"])
    modules.run("rds_cluster_endpoint", **arguments, excluded_members=["two"])
    assert (describe(rds)["StaticMembers"], describe(rds)["ExcludedMembers"]) == ([], ["two"])
    # What is not given stays.
    modules.run("rds_cluster_endpoint", db_cluster_endpoint_identifier=NAME, endpoint_type="READER")
    assert (describe(rds)["CustomEndpointType"], describe(rds)["ExcludedMembers"]) == ("READER", ["two"])


@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, rds, check):
    name = {"db_cluster_endpoint_identifier": NAME}
    refused = modules.attempt("rds_cluster_endpoint", check, **name)
    assert "needs db_cluster_identifier and endpoint_type" in refused["msg"]
    modules.run("rds_cluster_endpoint", **name, db_cluster_identifier="shop", endpoint_type="ANY")
    refused = modules.attempt("rds_cluster_endpoint", check, **name, db_cluster_identifier="other")
    assert "cannot move to other" in refused["msg"]


def test_it_takes_its_time(sandbox):
    modules, rds = Teller(sandbox, hurry=60), create_cluster(sandbox)
    arguments = {"db_cluster_endpoint_identifier": NAME, "db_cluster_identifier": "shop", "endpoint_type": "ANY"}
    # The cluster is still being created.
    assert modules.run("rds_cluster_endpoint", **arguments)["endpoint"]["status"] == "available"
    changed = modules.run("rds_cluster_endpoint", **arguments, excluded_members=["one"], wait=False)
    assert changed["endpoint"]["status"] == "modifying"
    absent = {"db_cluster_endpoint_identifier": NAME, "state": "absent"}
    modules.run("rds_cluster_endpoint", **absent)
    assert rds.describe_db_cluster_endpoints(DBClusterEndpointIdentifier=NAME)["DBClusterEndpoints"] == []
