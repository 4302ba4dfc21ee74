# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM: what moto has wrong in accounts, roles and policies."""

from __future__ import annotations

from collections.abc import Callable

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam import models

from sandbox.operations import mend


@mend(models, "get_account_id_from")
def get_account_id_from(original: Callable, access_key: str) -> str:
    """Look the key up where there is something; moto makes an IAM of every account in every partition to look there."""
    for account_id, backends in list(models.iam_backends.items()):
        if any(access_key in backend.access_keys for backend in list(backends.values())):
            return account_id
    return DEFAULT_ACCOUNT_ID
