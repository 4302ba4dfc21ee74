# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An association of State Manager, while there are no hosts yet."""

from .conftest import REGION, Story

NAME = "example-inventory"


def one(ssm):
    filters = [{"key": "AssociationName", "value": NAME}]
    (found,) = ssm.list_associations(AssociationFilterList=filters)["Associations"]
    return found["AssociationId"]


def drift(sandbox):
    """Whoever changes it, and says no more, takes away the rest."""
    ssm = sandbox.client("ssm", REGION)
    targets = [{"Key": "InstanceIds", "Values": ["*"]}]
    ssm.update_association(AssociationId=one(ssm), AssociationName=NAME, Targets=targets)


STORY = Story(
    module="ssm_association",
    returns="association",
    identity={"association_name": NAME},
    present={
        "document_name": "AWS-GatherSoftwareInventory",
        "parameters": {"applications": "Enabled"},
        "targets": {"tag:Environment": ["production", "development"]},
        "schedule_expression": "rate(12 hours)",
        "output_location": {"output_s3_bucket_name": "example-hosts", "output_s3_key_prefix": "inventory"},
        "tags": {"Environment": "production"},
        "wait": True,
    },
    changes=(
        {"max_concurrency": "10%", "compliance_severity": "HIGH", "parameters": {}},
        {
            "schedule_expression": "cron(0 2 ? * SUN#2 *)",
            "schedule_offset": 2,
            "apply_only_at_cron_interval": True,
            "output_location": {},
        },
        {"tags": {}, "calendar_names": ["example-calendar"]},
    ),
    drift=drift,
    unpredictable=frozenset({"association_id"}),
)


def test_story(modules):
    modules.tell(STORY)


def test_what_is_in_aws(modules, sandbox):
    modules.run("ssm_association", association_name=NAME, **STORY.present)
    ssm = sandbox.client("ssm", REGION)
    association = ssm.describe_association(AssociationId=one(ssm))["AssociationDescription"]
    assert association["Parameters"] == {"applications": ["Enabled"]}
    assert association["Targets"] == [{"Key": "tag:Environment", "Values": ["development", "production"]}]
    assert association["OutputLocation"]["S3Location"]["OutputS3KeyPrefix"] == "inventory"
    modules.run("ssm_association", association_name=NAME, max_errors="1")
    association = ssm.describe_association(AssociationId=one(ssm))["AssociationDescription"]
    assert association["Parameters"] == {"applications": ["Enabled"]}

    refused = modules.attempt("ssm_association", association_name=NAME, apply_only_at_cron_interval=True)
    assert "has to be cron" in refused["msg"]
    assert "needs a document" in modules.attempt("ssm_association", association_name="example-new")["msg"]
