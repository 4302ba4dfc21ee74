# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Operations that moto lacks, one function each, and mends of those that it has wrong."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.backends import ALT_SERVICE_NAMES, get_backend
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.utilities.utils import get_partition

Function = Callable[["Request"], "dict[str, Any] | None"]

# What an operation of ours returns to leave the answer to moto.
LET_MOTO_ANSWER: Any = object()

_operations: dict[tuple[str, str], Function] = {}
_follow_ups: dict[tuple[str, str], Callable[[Request], None]] = {}
_missing: set[tuple[str, str]] = set()


class State(BaseBackend):
    """What our operations remember of one service in one account and region; moto's reset clears it."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.values: dict[str, Any] = {}


@dataclass(frozen=True)
class Request:
    """A request to one of our operations: typed parameters, and where it was made."""

    service: str
    operation: str
    params: dict[str, Any]
    account: str
    region: str

    @property
    def partition(self) -> str:
        return get_partition(self.region)

    @property
    def state(self) -> dict[str, Any]:
        """Our own memory of this service in this account and region."""
        return states(self.service)[self.account][self.region].values

    @property
    def global_state(self) -> dict[str, Any]:
        """Our own memory of this service in this account, whatever the region."""
        return states(self.service)[self.account]["us-east-1"].values

    @property
    def backend(self) -> Any:
        """moto's memory of this service in this account and region."""
        return self.backend_of(self.service)

    def backend_of(self, service: str) -> Any:
        regions = get_backend(service)[self.account]
        return regions[self.region if self.region in regions else self.partition]


@functools.cache
def states(service: str) -> BackendDict:
    regions = list(get_backend("ec2")["123456789012"].regions)
    return BackendDict(State, f"sandbox-{service}", use_boto3_regions=False, additional_regions=regions)


def operation(service: str, name: str, instead_of_moto: str | None = None) -> Callable[[Function], Function]:
    """Register the function that answers an operation: takes a `Request`, answers a dict in the model's shape.

    ``instead_of_moto`` says why moto's own is not used, where moto has the operation.
    """

    def register(function: Function) -> Function:
        if name not in get_service_model(service).operation_names:
            raise SystemExit(f"sandbox/services: {service} has no operation {name} in botocore's model.")
        if not instead_of_moto and moto_has(service, name):
            raise SystemExit(f"sandbox/services: moto has {service}:{name} by now. Drop ours, or say why it stays.")
        _operations[service, name] = function
        return function

    return register


def after_moto(service: str, name: str) -> Callable[[Function], Function]:
    """Register a function that runs when moto has done an operation, to keep what moto drops."""

    def register(function: Function) -> Function:
        _follow_ups[service, name] = function
        return function

    return register


def nobody_has(service: str, name: str) -> None:
    """Declare that moto has no answer, where it would not notice."""
    _missing.add((service, name))


def mend(owner: Any, name: str) -> Callable[[Callable], Callable]:
    """Replace a function of moto's by one that gets the original as its first argument."""

    def replace(function: Callable) -> Callable:
        original = inspect.getattr_static(owner, name)
        kind = type(original) if isinstance(original, (classmethod, staticmethod, property)) else None
        inner = original.fget if kind is property else original.__func__ if kind else original

        @functools.wraps(inner)
        def mended(*args: Any, **kwargs: Any) -> Any:
            return function(inner, *args, **kwargs)

        if kind is property:
            # The setter stays as it was.
            setattr(owner, name, original.getter(mended))
        else:
            setattr(owner, name, kind(mended) if kind else mended)
        return function

    return replace


def find(service: str, name: str) -> Function | None:
    return _operations.get((service, name))


def follow_up(service: str, name: str) -> Callable[[Request], None] | None:
    return _follow_ups.get((service, name))


def all_operations() -> dict[tuple[str, str], Function]:
    return dict(_operations)


def moto_has(service: str, name: str) -> bool:
    """Whether moto has a method for the operation; a few services, S3 above all, find their answers another way."""
    method = camelcase_to_underscores(name)
    return any(callable(getattr(response, method, None)) for response in _moto_responses(service))


@functools.cache
def moto_lacks(service: str, name: str) -> bool:
    """Whether moto surely has no answer: it has none of the service, or would look for a method and find none."""
    return (service, name) in _missing or (not moto_has(service, name) and _dispatches_by_name(service))


def _dispatches_by_name(service: str) -> bool:
    try:
        urls = importlib.import_module(f"{_moto_package(service)}.urls")
    except ModuleNotFoundError:
        return True
    return all(handler.__name__ == "dispatch" for handler in urls.url_paths.values())


def _moto_package(service: str) -> str:
    package = service.replace("-", "")
    return f"moto.{ALT_SERVICE_NAMES.get(package, package)}"


@functools.cache
def _moto_responses(service: str) -> tuple[type, ...]:
    try:
        module = importlib.import_module(f"{_moto_package(service)}.responses")
    except ModuleNotFoundError:
        return ()
    return tuple(
        member for _, member in inspect.getmembers(module, inspect.isclass) if issubclass(member, BaseResponse)
    )


def load() -> None:
    """Import every file of sandbox/services, which registers our operations and mends moto's."""
    importlib.import_module("sandbox.speed")
    services = importlib.import_module("sandbox.services")
    for module in pkgutil.iter_modules(services.__path__):
        importlib.import_module(f"sandbox.services.{module.name}")
