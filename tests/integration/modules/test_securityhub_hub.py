# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

MODULE = "securityhub_hub"
FSBP = "aws-foundational-security-best-practices/v/1.0.0"
CIS = "cis-aws-foundations-benchmark/v/5.0.0"
ARNS = {name: f"arn:aws:securityhub:{REGION}::standards/{name}" for name in (FSBP, CIS)}
ROOT = {"id": "IAM.6", "reason": "The root user has no password"}


@pytest.fixture
def securityhub(sandbox):
    return sandbox.client("securityhub", REGION)


@pytest.fixture
def recorder(sandbox, config_role, config_bucket):
    """AWS Config records, without which Security Hub cannot check much."""
    config, name = sandbox.client("config", REGION), "default"
    config.put_configuration_recorder(ConfigurationRecorder={"name": name, "roleARN": config_role})
    config.put_delivery_channel(DeliveryChannel={"name": name, "s3BucketName": config_bucket})
    config.start_configuration_recorder(ConfigurationRecorderName=name)


def standards_of(securityhub):
    found = securityhub.get_enabled_standards()["StandardsSubscriptions"]
    return {each["StandardsArn"].partition("standards/")[2]: each["StandardsStatus"] for each in found}


def control_of(securityhub, control="IAM.6"):
    """Of each standard whether the control is on, and why not."""
    found = securityhub.batch_get_standards_control_associations(
        StandardsControlAssociationIds=[{"SecurityControlId": control, "StandardsArn": arn} for arn in ARNS.values()]
    )["StandardsControlAssociationDetails"]
    return {(each["AssociationStatus"], each.get("UpdatedReason")) for each in found}


def test_story(modules, securityhub, recorder):
    def drift(_sandbox):
        update = {"SecurityControlId": "IAM.6", "StandardsArn": ARNS[CIS], "AssociationStatus": "ENABLED"}
        securityhub.batch_update_standards_control_associations(StandardsControlAssociationUpdates=[update])
        securityhub.update_security_hub_configuration(AutoEnableControls=True)

    modules.tell(
        Story(
            module=MODULE,
            returns="hub",
            present={
                "auto_enable_controls": False,
                "standards": [FSBP],
                "disabled_controls": [ROOT, {"id": "Lambda.1", "reason": "Nobody uses it"}],
                "tags": {"Number": 1},
            },
            changes=(
                {"tags": {"Environment": "test"}, "control_finding_generator": "STANDARD_CONTROL"},
                # A control that is off is so in a standard that comes later, too.
                {"standards": [CIS, ARNS[FSBP]]},
                {"disabled_controls": [{**ROOT, "reason": "Its keys are in a safe"}]},
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_standards_are_subscribed_to_and_controls_set_in_all_of_them(sandbox, securityhub, recorder):
    modules = Teller(sandbox, hurry=600)
    modules.run(MODULE, standards=[FSBP, CIS], wait=False, waits=False)
    assert standards_of(securityhub) == {FSBP: "PENDING", CIS: "PENDING"}
    # It cannot be set before the standards are ready, and is waited for.
    modules.run(MODULE, disabled_controls=[ROOT], wait=False, waits=True)
    assert standards_of(securityhub) == {FSBP: "READY", CIS: "READY"}
    assert control_of(securityhub) == {("DISABLED", ROOT["reason"])}
    modules.run(MODULE, standards=[CIS], wait=False, waits=False)
    assert standards_of(securityhub) == {FSBP: "DELETING", CIS: "READY"}
    # Who is leaving is waited for before he is taken back.
    modules.run(MODULE, standards=[CIS, FSBP], disabled_controls=[ROOT])
    assert standards_of(securityhub) == {FSBP: "READY", CIS: "READY"}
    assert control_of(securityhub) == {("DISABLED", ROOT["reason"])}
    assert modules.run(MODULE, disabled_controls=[])["hub"]["disabled_controls"] == []
    assert {status for status, _reason in control_of(securityhub)} == {"ENABLED"}


def test_a_control_that_nobody_has_is_refused(modules, securityhub):
    message = "disabled_controls has IAM.66, which no standard has that is subscribed to. Did you mean IAM.6?"
    refused = modules.attempt(MODULE, standards=[FSBP], disabled_controls=[{**ROOT, "id": "IAM.66"}])
    assert refused["msg"] == message
    for check in (True, False):
        assert modules.attempt(MODULE, check=check, disabled_controls=[{**ROOT, "id": "IAM.66"}])["msg"] == message


def test_what_is_not_given_stays_and_a_missing_recorder_is_told_of(modules, securityhub):
    done = modules.run(MODULE)
    assert done["hub"]["standards"] == [FSBP]
    assert "disabled_controls" not in done["hub"]
    expected = f"Security Hub cannot check all controls of {FSBP}: AWS Config does not record here."
    assert done["warnings"] == [expected]
    assert not modules.run(MODULE)["changed"]
