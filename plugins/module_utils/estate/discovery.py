# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Finding what an estate has in one account and region, kind by kind.

A kind is a dotted name in the answer (``network.subnets``), the AWS service that knows it, the layer that builds it, a
function that finds it and a function that stands in for it while it is only planned. The kinds themselves are in
:mod:`kinds`; this module knows none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

MAX_PARALLEL_CALLS = 8


@dataclass(frozen=True)
class Scope:
    """Which estate is looked for, and where.

    ``estate`` and ``environment`` are the values of the tags of those names; ``account_id``, ``partition`` and
    ``region`` say where the credentials lead.
    """

    estate: str
    environment: str
    account_id: str
    partition: str
    region: str

    @property
    def prefix(self) -> str:
        """What the names of the estate's resources begin with, such as ``shop-production``."""
        return f"{self.estate}-{self.environment}"

    @property
    def tag_filters(self) -> list[dict]:
        """The ``Filters`` of an EC2 describe call that let only this estate's resources through."""
        return [
            {"Name": "tag:Estate", "Values": [self.estate]},
            {"Name": "tag:Environment", "Values": [self.environment]},
        ]

    @property
    def name_filter(self) -> list[dict]:
        """The ``Filters`` of an EC2 describe call that let resources through whose name begins like the estate's."""
        return [{"Name": "tag:Name", "Values": [f"{self.prefix}-*"]}]

    def may_own(self, tags: Mapping[str, str]) -> bool:
        """Whether no tag says that a resource belongs to another estate, whatever its name is."""
        return tags.get("Estate", self.estate) == self.estate and (
            tags.get("Environment", self.environment) == self.environment
        )

    def arn(self, service: str, resource: str, region: str | None = None, account_id: str | None = None) -> str:
        """An ARN of this account and region, either of which may be given instead (``""`` where the ARN has none)."""
        region = self.region if region is None else region
        account_id = self.account_id if account_id is None else account_id
        return f"arn:{self.partition}:{service}:{region}:{account_id}:{resource}"


@dataclass(frozen=True)
class Kind:
    """One kind of thing that can be discovered.

    ``find(client, scope)`` answers a plain structure, empty or ``None`` where there is nothing.
    ``placeholder(scope, path)`` answers what stands at ``path`` (the names after the kind's own) while it is planned.
    ``service`` is the name of the boto3 client that ``find`` is given. What is only found ``on_request`` is left out
    when everything is asked for. What is ``worldwide`` is the same in every region of the account. A resource of a kind
    with a ``ready_state`` takes AWS a while: until its ``state`` is that one, nothing can stand on it.
    """

    name: str
    service: str
    layer: str
    find: Callable[[Any, Scope], Any]
    placeholder: Callable[[Scope, list[str]], Any]
    on_request: bool = False
    worldwide: bool = False
    ready_state: str | None = None


class DiscoveryError(Exception):
    """What was asked for cannot be answered; the message is a sentence for people."""


class Kinds:
    """All kinds that are known, by name."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def register(self, name: str, service: str, layer: str, placeholder: Callable, **more: Any):
        """Decorates the function that finds a kind; ``more`` are further fields of :class:`Kind`."""

        def decorate(find: Callable[[Any, Scope], Any]):
            self._kinds[name] = Kind(name, service, layer, find, placeholder, **more)
            return find

        return decorate

    @property
    def names(self) -> list[str]:
        """The names of all kinds, sorted."""
        return sorted(self._kinds)

    def everything(self, worldwide: bool) -> list[str]:
        """The names of the kinds that are found without being asked for by name, sorted."""
        return sorted(
            name for name, kind in self._kinds.items() if not kind.on_request and (worldwide or not kind.worldwide)
        )

    def select(self, wanted: Iterable[str]) -> list[Kind]:
        """The kinds of these names; a name of a branch (``network``) means all kinds below it.

        Raises :class:`DiscoveryError` for a name that no kind has.
        """
        selected = {}
        for name in wanted:
            below = {key: kind for key, kind in self._kinds.items() if f"{key}.".startswith(f"{name}.")}
            if not below:
                raise DiscoveryError(f"There is no kind {name!r} to discover. There are: {', '.join(self.names)}.")
            selected.update(below)
        return [selected[name] for name in sorted(selected)]

    def of_path(self, path: str) -> tuple[Kind, list[str]]:
        """The kind that a dotted path leads into, and the rest of the path.

        Raises :class:`DiscoveryError` for a path that leads into no kind.
        """
        for name, kind in self._kinds.items():
            if f"{path}.".startswith(f"{name}."):
                return kind, [part for part in path[len(name) :].split(".") if part]
        raise DiscoveryError(f"Nothing that can be discovered stands at {path!r}. There are: {', '.join(self.names)}.")


def look_up(structure: Any, path: Iterable[str]) -> Any:
    """What stands at a path of names in nested dicts; ``None`` where the path ends early."""
    for part in path:
        if not isinstance(structure, Mapping):
            return None
        structure = structure.get(part)
    return structure


def put(structure: dict, path: list[str], value: Any) -> None:
    """Sets what stands at a path of names in nested dicts, making the dicts on the way."""
    for part in path[:-1]:
        structure = structure.setdefault(part, {})
    structure[path[-1]] = value


def discover(kinds: Iterable[Kind], scope: Scope, clients: Mapping[str, Any]) -> dict:
    """Finds the kinds side by side and answers them as one nested structure.

    ``clients`` maps the name of a service to its boto3 client. Errors of ``find`` are raised as they are.
    """
    kinds = list(kinds)
    estate: dict = {}
    with ThreadPoolExecutor(max_workers=MAX_PARALLEL_CALLS) as pool:
        answers = pool.map(lambda kind: kind.find(clients[kind.service], scope), kinds)
        for kind, answer in zip(kinds, answers, strict=True):
            put(estate, kind.name.split("."), answer)
    return estate


def missing(estate: Mapping, needs: Iterable[str]) -> list[str]:
    """Those of the needed paths at which nothing stands."""
    return [path for path in needs if not look_up(estate, path.split("."))]


def unready(estate: Mapping, needs: Iterable[str], kinds: Kinds) -> list[str]:
    """Those of the needed paths that lead to, into or above a resource that is not ready yet."""

    def is_ready(path: str) -> bool:
        kind, rest = kinds.of_path(path)
        needed = look_up(estate, [*kind.name.split("."), *rest[:1]])
        return not kind.ready_state or all(
            resource["state"].lower() == kind.ready_state for resource in resources(needed)
        )

    return [path for path in needs if not is_ready(path)]


def resources(structure: Any) -> Iterator[Mapping]:
    """The resources of a discovered structure; a resource is a dict with a ``layer``."""
    if isinstance(structure, Mapping):
        if isinstance(structure.get("layer"), str):
            yield structure
        else:
            for branch in structure.values():
                yield from resources(branch)
    elif isinstance(structure, list):
        for branch in structure:
            yield from resources(branch)


def resources_by_layer(structure: Any) -> dict[str, int]:
    """How many resources of each layer a discovered structure has."""
    return dict(Counter(resource["layer"] for resource in resources(structure)))
