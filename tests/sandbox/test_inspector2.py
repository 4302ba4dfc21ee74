# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Inspector: what is scanned is switched on and off in its time."""


def states(inspector):
    (account,) = inspector.batch_get_account_status()["accounts"]
    return {scan: state["status"] for scan, state in account["resourceState"].items()}


def test_scans_of_the_own_account(client, refused):
    inspector = client("inspector2")
    assert set(states(inspector).values()) == {"DISABLED"}
    with refused("ValidationException"):
        inspector.enable(resourceTypes=["LAMBDA_CODE"])
    (account,) = inspector.enable(resourceTypes=["EC2", "LAMBDA"])["accounts"]
    assert account["accountId"] == client.account
    inspector.disable(resourceTypes=["LAMBDA"])
    assert states(inspector) == {"ec2": "ENABLED", "ecr": "DISABLED", "lambda": "DISABLED", "lambdaCode": "DISABLED"}
    with refused("AccessDeniedException"):
        inspector.batch_get_account_status(accountIds=["999999999999"])


def test_what_is_on_its_way_is_not_changed(own):
    inspector = own.client("inspector2", "ap-northeast-1")
    own.clock(1)
    inspector.enable(resourceTypes=["EC2"])
    assert states(inspector)["ec2"] == "ENABLING"
    failed = inspector.disable(resourceTypes=["EC2"])["failedAccounts"]
    assert [each["errorCode"] for each in failed] == ["ENABLE_IN_PROGRESS"]
    own.clock(0)
    assert states(inspector)["ec2"] == "ENABLED"
