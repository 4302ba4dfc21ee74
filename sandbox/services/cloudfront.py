# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudFront: whole configurations are kept, with a version that changes and deletions have to name.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto.cloudfront.models import random_id

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

_PAGE = 100


@dataclass
class _Versioned:
    """Something with a configuration, whose every change has an ETag of its own."""

    config: dict[str, Any]
    id: str = field(default_factory=random_id)
    etag: str = field(default_factory=random_id)

    def replace(self, config: dict[str, Any]) -> None:
        self.config = config
        self.etag = random_id()


def _check_version(request: Request, etag: str) -> None:
    given = request.params.get("IfMatch")
    if not given:
        message = "The If-Match version is missing or not valid for the resource."
        raise ServiceError("InvalidIfMatchVersion", message)
    if given != etag:
        message = "The request failed because it didn't meet the preconditions in one or more request-header fields."
        raise ServiceError("PreconditionFailed", message)


def _page(request: Request, found: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """One page of a list, whose marker is where the next one begins."""
    start, size = int(request.params.get("Marker") or 0), int(request.params.get("MaxItems") or _PAGE)
    items = found[start : start + size]
    next_marker = {"NextMarker": str(start + size)} if start + size < len(found) else {}
    return {"MaxItems": size, "Quantity": len(items), **({"Items": items} if items else {}), **next_marker, **more}


def _whole_page(request: Request, found: list[dict[str, Any]]) -> dict[str, Any]:
    """The same for the lists that repeat the marker, and say whether there is more."""
    page = _page(request, found, Marker=request.params.get("Marker") or "")
    return {**page, "IsTruncated": "NextMarker" in page}


# Origin access controls


def _controls(request: Request) -> dict[str, _Versioned]:
    return request.global_state.setdefault("origin_access_controls", {})


def _control(request: Request) -> _Versioned:
    try:
        return _controls(request)[request.params["Id"]]
    except KeyError:
        message = "The specified origin access control does not exist."
        raise ServiceError("NoSuchOriginAccessControl", message) from None


def _check_control_name(request: Request, own_id: str | None = None) -> None:
    name = request.params["OriginAccessControlConfig"]["Name"]
    if any(control.config["Name"] == name and control.id != own_id for control in _controls(request).values()):
        message = "An origin access control with the same parameters already exists."
        raise ServiceError("OriginAccessControlAlreadyExists", message)


def _told(control: _Versioned) -> dict[str, Any]:
    return {
        "OriginAccessControl": {"Id": control.id, "OriginAccessControlConfig": control.config},
        "ETag": control.etag,
    }


@operation("cloudfront", "CreateOriginAccessControl", instead_of_moto="It takes a name twice.")
def create_origin_access_control(request: Request) -> dict[str, Any]:
    _check_control_name(request)
    control = _Versioned({"Description": "", **request.params["OriginAccessControlConfig"]})
    _controls(request)[control.id] = control
    return _told(control)


@operation("cloudfront", "GetOriginAccessControl", instead_of_moto="Ours are not its own.")
def get_origin_access_control(request: Request) -> dict[str, Any]:
    return _told(_control(request))


@operation("cloudfront", "UpdateOriginAccessControl", instead_of_moto="It does not look at the version.")
def update_origin_access_control(request: Request) -> dict[str, Any]:
    control = _control(request)
    _check_version(request, control.etag)
    _check_control_name(request, control.id)
    control.replace({"Description": "", **request.params["OriginAccessControlConfig"]})
    return _told(control)


@operation("cloudfront", "DeleteOriginAccessControl", instead_of_moto="It does not look at the version.")
def delete_origin_access_control(request: Request) -> None:
    control = _control(request)
    _check_version(request, control.etag)
    del _controls(request)[control.id]


@operation("cloudfront", "ListOriginAccessControls", instead_of_moto="It answers everything on every page.")
def list_origin_access_controls(request: Request) -> dict[str, Any]:
    found = [{"Id": control.id, **control.config} for control in _controls(request).values()]
    return {"OriginAccessControlList": _whole_page(request, found)}
