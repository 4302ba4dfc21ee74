# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""KMS: what moto has wrong in keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.kms.models import KmsBackend

from sandbox.operations import mend


@mend(KmsBackend, "create_alias")
def create_alias(original: Callable, self: Any, target_key_id: str, alias_name: str) -> Any:
    """The key behind alias/aws/… is AWS's own, and DescribeKey says so."""
    answer = original(self, target_key_id, alias_name)
    if alias_name.startswith("alias/aws/"):
        self.keys[target_key_id].key_manager = "AWS"
    return answer
