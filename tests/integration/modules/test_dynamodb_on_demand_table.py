# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION, Story


def change_behind_its_back(sandbox):
    dynamodb = sandbox.client("dynamodb", REGION)
    expiry = {"AttributeName": "until", "Enabled": False}
    dynamodb.update_time_to_live(TableName="example", TimeToLiveSpecification=expiry)
    arn = dynamodb.describe_table(TableName="example")["Table"]["TableArn"]
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["Environment"])


def test_story(modules, sandbox):
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    modules.tell(
        Story(
            module="dynamodb_on_demand_table",
            returns="table",
            identity={"name": "example", "hash_key_name": "key"},
            present={
                "time_to_live_attribute": "until",
                "kms_key_arn": key,
                "deletion_protection_enabled": True,
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"time_to_live_attribute": "", "kms_key_arn": ""},
                {"time_to_live_attribute": "until", "kms_key_arn": key},
                {"deletion_protection_enabled": False, "tags": {"Environment": "changed"}},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_what_cannot_be_is_refused(modules, sandbox):
    assert "give hash_key_name" in modules.attempt("dynamodb_on_demand_table", name="example")["msg"]
    protected = {"name": "example", "deletion_protection_enabled": True}
    modules.run("dynamodb_on_demand_table", **protected, hash_key_name="key")
    assert "has the key key" in modules.attempt("dynamodb_on_demand_table", name="example", hash_key_name="id")["msg"]
    said = modules.attempt("dynamodb_on_demand_table", name="example", state="absent")
    assert "protected against deletion" in said["msg"]
    table = sandbox.client("dynamodb", REGION).describe_table(TableName="example")["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
