# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Inspector: what is scanned in an account takes its time to be switched on, which moto does at once.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html
"""

from __future__ import annotations

from typing import Any

from moto.inspector2.models import AccountStatus

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

# What is scanned, as moto's attribute and as a member of the answer.
_SCANS = {
    "EC2": ("ec2", "ec2"),
    "ECR": ("ecr", "ecr"),
    "LAMBDA": ("_lambda", "lambda"),
    "LAMBDA_CODE": ("lambda_code", "lambdaCode"),
}
_AT_FIRST = "for itself, moto wants to be told of the account, and does it at once"


def _statuses(request: Request) -> list[AccountStatus]:
    """Of the accounts that are asked for: the own one, as long as no other one is its member."""
    accounts = request.params.get("accountIds") or [request.account]
    if accounts != [request.account]:
        raise ServiceError("AccessDeniedException", "The account is not a member of yours.")
    known = request.backend.account_status
    return [known.setdefault(account, AccountStatus(account)) for account in accounts]


def _overall(status: AccountStatus) -> str:
    found = {getattr(status, attribute) for attribute, _member in _SCANS.values()}
    return next(each for each in ("ENABLING", "ENABLED", "DISABLING", "DISABLED") if each in found)


def _told(status: AccountStatus) -> dict[str, Any]:
    scans = {member: getattr(status, attribute) for attribute, member in _SCANS.values()}
    return {"accountId": status.account_id, "status": _overall(status), "resourceStatus": scans}


def _turn(request: Request, way: tuple[str, str], from_states: tuple[str, ...]) -> dict[str, Any]:
    scans = request.params.get("resourceTypes") or list(_SCANS)
    done, failed = [], []
    for status in _statuses(request):
        changing = {getattr(status, attribute) for attribute, _member in _SCANS.values()} & {"ENABLING", "DISABLING"}
        if changing:
            code = "ENABLE_IN_PROGRESS" if "ENABLING" in changing else "DISABLE_IN_PROGRESS"
            failed.append({**_told(status), "errorCode": code, "errorMessage": "Wait until it has ended."})
            continue
        for scan in scans:
            attribute = _SCANS[scan][0]
            if getattr(status, attribute) in from_states:
                CLOCK.turn(status, attribute, *way, "inspector.change")
        done.append(_told(status))
    return {"accounts": done, "failedAccounts": failed}


@operation("inspector2", "Enable", instead_of_moto=_AT_FIRST)
def enable(request: Request) -> dict[str, Any]:
    if set(request.params["resourceTypes"]) - _SCANS.keys():
        raise ServiceError("ValidationException", "That is not scanned here.", reason="FIELD_VALIDATION_FAILED")
    scans = set(request.params["resourceTypes"])
    status = _statuses(request)[0]
    if "LAMBDA_CODE" in scans and "LAMBDA" not in scans and status._lambda == "DISABLED":
        message = "Lambda code scanning needs Lambda standard scanning."
        raise ServiceError("ValidationException", message, reason="OTHER")
    return _turn(request, ("ENABLING", "ENABLED"), ("DISABLED",))


@operation("inspector2", "Disable", instead_of_moto=_AT_FIRST)
def disable(request: Request) -> dict[str, Any]:
    return _turn(request, ("DISABLING", "DISABLED"), ("ENABLED",))


@operation("inspector2", "BatchGetAccountStatus", instead_of_moto="for itself, moto wants to be told of the account")
def batch_get_account_status(request: Request) -> dict[str, Any]:
    return {
        "accounts": [
            {
                "accountId": status.account_id,
                "state": {"status": _overall(status)},
                "resourceState": {member: {"status": getattr(status, name)} for name, member in _SCANS.values()},
            }
            for status in _statuses(request)
        ],
        "failedAccounts": [],
    }
