# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What moto does at every call, or at a reset, though nothing comes of it: the greater part of the time they took."""

from __future__ import annotations

import functools

from moto import backends
from moto.core import responses
from moto.core.base_backend import BackendDict, BaseBackend, backend_lock

backends.list_of_moto_modules = functools.cache(functools.partial(tuple, backends.list_of_moto_modules()))
responses.method_names_from_class = functools.cache(responses.method_names_from_class)


def _forget(_class: type[BackendDict]) -> None:
    """Forget all accounts, as moto does, which however makes each service anew before it throws it away."""
    with backend_lock:
        for service in BackendDict._instances:
            # Such as S3's, which keeps objects in files.
            if service.backend.reset is not BaseBackend.reset:
                for account in service.values():
                    account.reset()
            service.clear()
        BackendDict._instances.clear()


BackendDict.reset = classmethod(_forget)
