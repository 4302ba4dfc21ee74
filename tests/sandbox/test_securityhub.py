# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Security Hub: settings, standards and their controls, aggregation."""

import pytest

FSBP = "arn:aws:securityhub:ap-northeast-1::standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "arn:aws:securityhub:ap-northeast-1::standards/cis-aws-foundations-benchmark/v/5.0.0"


@pytest.fixture
def securityhub(client):
    return client("securityhub")


def enabled(securityhub):
    return {
        each["StandardsArn"]: each["StandardsStatus"]
        for each in securityhub.get_enabled_standards()["StandardsSubscriptions"]
    }


def test_what_is_off_is_told_so_and_what_is_on_is_not_switched_on_again(securityhub, refused):
    for ask in (securityhub.describe_hub, securityhub.get_enabled_standards, securityhub.list_finding_aggregators):
        with refused("InvalidAccessException"):
            ask()
    securityhub.enable_security_hub(Tags={"Owner": "platform"}, ControlFindingGenerator="STANDARD_CONTROL")
    with refused("ResourceConflictException"):
        securityhub.enable_security_hub()
    securityhub.update_security_hub_configuration(AutoEnableControls=False)
    hub = securityhub.describe_hub()
    assert (hub["AutoEnableControls"], hub["ControlFindingGenerator"]) == (False, "STANDARD_CONTROL")
    assert securityhub.list_tags_for_resource(ResourceArn=hub["HubArn"])["Tags"] == {"Owner": "platform"}
    # Without AWS Config little can be checked.
    assert enabled(securityhub) == {FSBP: "INCOMPLETE"}
    securityhub.disable_security_hub()
    with refused("InvalidAccessException"):
        securityhub.describe_hub()


def test_controls_are_set_in_each_standard_with_a_reason(securityhub, refused):
    securityhub.enable_security_hub()
    with refused("InvalidInputException"):
        securityhub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": f"{FSBP}0"}])
    securityhub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": CIS}])
    update = {"SecurityControlId": "IAM.6", "StandardsArn": CIS, "AssociationStatus": "DISABLED"}

    def set_it(**more):
        return securityhub.batch_update_standards_control_associations(
            StandardsControlAssociationUpdates=[update | more]
        )["UnprocessedAssociationUpdates"]

    assert [each["ErrorCode"] for each in set_it()] == ["INVALID_INPUT"]
    assert [each["ErrorCode"] for each in set_it(SecurityControlId="Lambda.1")] == ["RESOURCE_NOT_FOUND"]
    assert set_it(UpdatedReason="It has no password") == []
    ids = [{"SecurityControlId": "IAM.6", "StandardsArn": arn} for arn in (FSBP, CIS)]
    wrong = {"SecurityControlId": "Lambda.1", "StandardsArn": CIS}
    answer = securityhub.batch_get_standards_control_associations(StandardsControlAssociationIds=[*ids, wrong])
    found = {each["StandardsArn"]: each["AssociationStatus"] for each in answer["StandardsControlAssociationDetails"]}
    assert found == {FSBP: "ENABLED", CIS: "DISABLED"}
    assert [each["StandardsControlAssociationId"] for each in answer["UnprocessedAssociations"]] == [wrong]
    listed = securityhub.list_security_control_definitions(StandardsArn=CIS)["SecurityControlDefinitions"]
    assert "S3.20" in {each["SecurityControlId"] for each in listed}
    arns = [each["StandardsSubscriptionArn"] for each in securityhub.get_enabled_standards()["StandardsSubscriptions"]]
    securityhub.batch_disable_standards(StandardsSubscriptionArns=arns)
    assert enabled(securityhub) == {}


def test_an_account_aggregates_in_one_region(client, securityhub, refused):
    securityhub.enable_security_hub()
    elsewhere = client("securityhub", region="us-east-1")
    elsewhere.enable_security_hub()
    with refused("InvalidInputException"):
        securityhub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS")
    made = securityhub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=["us-east-1"])
    arn = {"FindingAggregatorArn": made["FindingAggregatorArn"]}
    assert elsewhere.list_finding_aggregators()["FindingAggregators"] == [arn]
    with refused("InvalidInputException"):
        elsewhere.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    with refused("InvalidAccessException"):
        elsewhere.delete_finding_aggregator(**arn)
    securityhub.update_finding_aggregator(**arn, RegionLinkingMode="NO_REGIONS")
    assert elsewhere.get_finding_aggregator(**arn)["RegionLinkingMode"] == "NO_REGIONS"
    securityhub.delete_finding_aggregator(**arn)
    with refused("ResourceNotFoundException"):
        securityhub.get_finding_aggregator(**arn)
