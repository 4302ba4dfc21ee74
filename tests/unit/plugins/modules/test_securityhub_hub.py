# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import securityhub_hub

HUB = "arn:aws-cn:securityhub:cn-north-1:123456789012:hub/default"
FSBP = "aws-foundational-security-best-practices/v/1.0.0"
CIS = "cis-aws-foundations-benchmark/v/1.2.0"


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        (FSBP, f"arn:aws-cn:securityhub:cn-north-1::standards/{FSBP}"),
        (CIS, f"arn:aws-cn:securityhub:::ruleset/{CIS}"),
    ],
)
def test_names_of_standards(name, arn):
    assert securityhub_hub.standard_arn(HUB, name) == arn
    for given in (name, arn, arn.split("::")[-1].lstrip(":")):
        assert securityhub_hub.standard_name(given) == name


def association(control, standard, status, reason=None):
    found = {"SecurityControlId": control, "StandardsArn": standard, "AssociationStatus": status}
    return {**found, "UpdatedReason": reason} if reason else found


FOUND = [
    association("IAM.6", "one", "DISABLED", "because"),
    association("IAM.6", "two", "DISABLED", "because"),
    association("S3.8", "one", "DISABLED", "because"),
    association("S3.8", "two", "ENABLED", "not any more"),
    association("EC2.2", "one", "DISABLED", "this"),
    association("EC2.2", "two", "DISABLED", "that"),
    association("EC2.8", "one", "ENABLED"),
]


def test_controls_that_are_off_in_some_standards_are_told_from_those_in_all():
    assert securityhub_hub.read_controls(FOUND) == [
        {"id": "EC2.2", "reason": None},
        {"id": "IAM.6", "reason": "because"},
        {"id": "S3.8", "reason": None},
    ]


def test_only_what_differs_is_written():
    wanted = [{"id": "IAM.6", "reason": "because"}, {"id": "EC2.2", "reason": "this"}]
    assert securityhub_hub.write_controls(FOUND, wanted) == [
        association("S3.8", "one", "ENABLED"),
        association("EC2.2", "two", "DISABLED", "this"),
    ]


def test_standards_that_are_being_left_are_none():
    subscriptions = [
        {"StandardsArn": f"arn:aws:securityhub:us-east-1::standards/{FSBP}", "StandardsStatus": "DELETING"},
        {"StandardsArn": f"arn:aws:securityhub:::ruleset/{CIS}", "StandardsStatus": "INCOMPLETE"},
    ]
    assert securityhub_hub.map_of_arns(subscriptions) == {CIS: f"arn:aws:securityhub:::ruleset/{CIS}"}
