# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import inspector2_enabler
from botocore.exceptions import ClientError


@pytest.mark.parametrize(
    ("status", "on", "busy"),
    [
        ("ENABLED", True, False),
        ("ENABLING", True, True),
        ("DISABLING", False, True),
        ("SUSPENDED", False, False),
        ("DISABLED", False, False),
    ],
)
def test_read(status, on, busy):
    account = {"resourceState": {"ec2": {"status": status}, "lambdaCode": {"status": "DISABLED"}}}
    expected = {"scans": {"ec2": on, "ecr": False, "lambda": False, "lambda_code": False}}
    assert inspector2_enabler.read(account) == expected
    assert inspector2_enabler.busy(account) is busy


def test_what_aws_tells_without_an_error_is_one():
    inspector2_enabler.raise_failure({"accounts": [], "failedAccounts": []}, "Enable")
    failed = {"accountId": "123456789012", "errorCode": "ACCESS_DENIED", "errorMessage": "Ask your administrator."}
    with pytest.raises(ClientError, match=r"ACCESS_DENIED.*Enable.*Ask your administrator"):
        inspector2_enabler.raise_failure({"failedAccounts": [failed]}, "Enable")
