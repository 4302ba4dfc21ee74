# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import iam_managed_policy


@pytest.mark.parametrize(
    ("caller", "path", "arn"),
    [
        ("arn:aws:iam::123456789012:user/ann", "/", "arn:aws:iam::123456789012:policy/web"),
        (
            "arn:aws-cn:sts::123456789012:assumed-role/build/a:b",
            "/shop/",
            "arn:aws-cn:iam::123456789012:policy/shop/web",
        ),
    ],
)
def test_arn(caller, path, arn):
    assert iam_managed_policy.policy_arn(caller, path, "web") == arn


@pytest.mark.parametrize("path", ["", "shop", "/shop", "shop/"])
def test_what_is_no_path(path):
    with pytest.raises(AnsibleAWSError, match="must begin and end with a slash"):
        iam_managed_policy.policy_arn("arn:aws:iam::123456789012:user/ann", path, "web")
