# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A patch baseline, its groups, and who has it by default."""

from .conftest import REGION, Story

NAME = "example-debian"
RULES = [{"filters": {"PRIORITY": ["Required", "Important"], "PRODUCT": "*"}, "compliance_level": "CRITICAL"}]


def one(ssm):
    filters = [{"Key": "OWNER", "Values": ["Self"]}, {"Key": "NAME_PREFIX", "Values": [NAME]}]
    (found,) = ssm.describe_patch_baselines(Filters=filters)["BaselineIdentities"]
    return found


def drift(sandbox):
    ssm = sandbox.client("ssm", REGION)
    baseline = one(ssm)["BaselineId"]
    ssm.update_patch_baseline(BaselineId=baseline, RejectedPatches=["other"])
    ssm.deregister_patch_baseline_for_patch_group(BaselineId=baseline, PatchGroup="production")


STORY = Story(
    module="ssm_patch_baseline",
    returns="patch_baseline",
    identity={"name": NAME},
    present={
        "operating_system": "DEBIAN",
        "approval_rules": RULES,
        "rejected_patches": ["example-agent"],
        "patch_groups": ["production"],
        "tags": {"Environment": "production"},
    },
    changes=(
        {"patch_groups": ["production", "development"], "default": True, "description": "Example"},
        {"approval_rules": [*RULES, {"filters": {"SECTION": ["libs"]}, "approve_until_date": "2026-12-31"}]},
        {"patch_groups": ["production"], "default": False, "tags": {}},
        {"default": True},
    ),
    drift=drift,
    unpredictable=frozenset({"baseline_id"}),
)


def test_story(modules):
    modules.tell(STORY)


def test_what_is_in_aws(modules, sandbox):
    modules.run("ssm_patch_baseline", name=NAME, **STORY.present, default=True)
    ssm = sandbox.client("ssm", REGION)
    baseline = ssm.get_patch_baseline(BaselineId=one(ssm)["BaselineId"])
    (rule,) = baseline["ApprovalRules"]["PatchRules"]
    assert rule["ApproveAfterDays"] == 0
    assert baseline["PatchGroups"] == ["production"]
    assert ssm.get_default_patch_baseline(OperatingSystem="DEBIAN")["BaselineId"] == baseline["BaselineId"]

    refused = modules.attempt("ssm_patch_baseline", name=NAME, operating_system="UBUNTU")
    assert "is for DEBIAN" in refused["msg"]
    assert "needs one" in modules.attempt("ssm_patch_baseline", name="example-other")["msg"]
    other = {"name": "example-other", "operating_system": "DEBIAN", "patch_groups": ["production"]}
    assert f"has the baseline {NAME}" in modules.attempt("ssm_patch_baseline", **other)["msg"]

    modules.run("ssm_patch_baseline", name=NAME, state="absent")
    assert ssm.get_default_patch_baseline(OperatingSystem="DEBIAN")["BaselineId"].startswith("arn:")
    assert not ssm.describe_patch_groups()["Mappings"]
