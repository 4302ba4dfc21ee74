# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shield Advanced: who has not subscribed to it has nothing of it.

https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_GetSubscriptionState.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.shield.models import ShieldBackend

from sandbox.operations import Request, mend, operation


@operation("shield", "GetSubscriptionState")
def get_subscription_state(request: Request) -> dict[str, str]:
    return {"SubscriptionState": "ACTIVE" if request.backend.subscription else "INACTIVE"}


def _for_subscribers(original: Callable, self: ShieldBackend, *args: Any, **kwargs: Any) -> Any:
    self.describe_subscription()  # which is not found without one
    return original(self, *args, **kwargs)


for _name in ("create_protection", "delete_protection", "describe_protection", "list_protections"):
    mend(ShieldBackend, _name)(_for_subscribers)
