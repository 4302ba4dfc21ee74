# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import ssm_patch_baseline

RULE = {"filters": {"SEVERITY": ["b", "a"]}, "compliance_level": "HIGH", "enable_non_security": False}


@pytest.mark.parametrize("when", [{}, {"approve_after_days": 7}, {"approve_until_date": "2026-12-31"}])
def test_a_rule_is_read_as_it_is_given(when):
    rule = ssm_patch_baseline.normal_rule({**RULE, **when}, "approval_rules[0]")
    assert ssm_patch_baseline.read_rule(ssm_patch_baseline.write_rule(rule)) == rule
    assert rule["filters"] == {"SEVERITY": ["a", "b"]}
    assert ("approve_after_days" in rule) != ("approve_until_date" in rule)


def test_a_rule_of_two_minds():
    rule = {**RULE, "approve_after_days": 1, "approve_until_date": "2026-12-31"}
    with pytest.raises(AnsibleAWSError, match=r"approval_rules\[1\] has both"):
        ssm_patch_baseline.normal_rule(rule, "approval_rules[1]")
