# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""DynamoDB: what moto lacks in changes of a table."""

from __future__ import annotations

from typing import Any

from sandbox.operations import LET_MOTO_ANSWER, Request, operation


@operation("dynamodb", "UpdateTable", instead_of_moto="It keeps the encryption that the table was created with.")
def update_table(request: Request) -> Any:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html"""
    specification = request.params.get("SSESpecification")
    if specification is not None:
        table = request.backend.get_table(request.params["TableName"])
        key = specification.get("KMSMasterKeyId") or table._get_default_encryption_key(request.account, request.region)
        table.sse_specification = {**specification, "KMSMasterKeyId": key}
    return LET_MOTO_ANSWER
