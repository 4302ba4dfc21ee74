# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which service and operation an HTTP request means, by botocore's models."""

from __future__ import annotations

import functools
import gzip
import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import botocore
from moto.core.model import OperationModel, ServiceModel
from moto.core.request import Request
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model

DEFAULT_REGION = "us-east-1"

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_FORM = "application/x-www-form-urlencoded"


@dataclass
class Call:
    """One request to an AWS API, as far as it could be recognised.

    ``service`` is botocore's name of the service (``elbv2``), ``operation`` its model of the operation; both are None
    where the request fits no model. ``form`` holds the pairs of a query-protocol body, ``labels`` those of the path.
    """

    request: Request
    body: bytes
    region: str
    access_key: str | None
    service: str | None = None
    operation: OperationModel | None = None
    protocol: str | None = None
    form: list[tuple[str, str]] = field(default_factory=list)
    labels: dict[str, Any] = field(default_factory=dict)
    account: str = ""

    @property
    def operation_name(self) -> str | None:
        return self.operation.name if self.operation else None


@functools.cache
def services_by_signing_name() -> dict[str, tuple[str, ...]]:
    """Map the service name in a signature to the services of botocore that sign with it."""
    services: dict[str, list[str]] = defaultdict(list)
    root = os.path.join(os.path.dirname(botocore.__file__), "data")
    for name in sorted(os.listdir(root)):
        folder = os.path.join(root, name)
        if os.path.isdir(folder):
            metadata = _metadata(os.path.join(folder, max(os.listdir(folder))))
            if metadata:
                services[metadata.get("signingName", metadata["endpointPrefix"])].append(name)
    # Of two services that share requests, as RDS and DocumentDB do, the one that the name is of comes first. Every path
    # could be an S3 object's, so that S3 is asked last.
    return {
        signing_name: tuple(sorted(names, key=lambda name: (name == "s3", name != signing_name)))
        for signing_name, names in services.items()
    }


def _metadata(folder: str) -> dict[str, Any]:
    """Read a model's metadata without its megabytes of shapes: it stands among the first lines of the file."""
    path = os.path.join(folder, "service-2.json.gz")
    if not os.path.exists(path):
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        head = stream.read(4096)
    start = re.search(r'"metadata"\s*:\s*', head)
    return json.JSONDecoder().raw_decode(head, start.end())[0] if start else {}


def recognise(request: Request, body: bytes) -> Call:
    """Find out which operation a request means; what cannot be recognised stays None in the answer."""
    credential = _CREDENTIAL.search(request.headers.get("Authorization", ""))
    presigned = request.args.get("X-Amz-Credential", "").split("/")
    if credential:
        key, region, signing_name = credential["key"], credential["region"], credential["service"]
    elif len(presigned) == 5:
        key, _, region, signing_name, _ = presigned
    else:
        key, region, signing_name = None, DEFAULT_REGION, "s3"
    call = Call(request, body, region, key)
    if (request.content_type or "").startswith(_FORM):
        call.form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    elif request.method == "GET" and "Action" in request.args:
        call.form = list(request.args.items(multi=True))
    for service in services_by_signing_name().get(signing_name, (signing_name,)):
        if _match(call, service):
            break
    return call


def _match(call: Call, service: str) -> bool:
    """Fill in service, operation and protocol of the call when it is one of this service's operations."""
    try:
        model = get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        return False
    form = dict(call.form)
    target = call.request.headers.get("X-Amz-Target")
    if "Action" in form and {"query", "ec2"} & set(_protocols(model)):
        if form.get("Version", model.api_version) != model.api_version:
            return False
        protocol = "ec2" if "ec2" in _protocols(model) else "query"
        operation = form["Action"]
    elif target and "json" in _protocols(model):
        prefix, _, operation = target.rpartition(".")
        if prefix != model.metadata.get("targetPrefix"):
            return False
        protocol = "json"
    else:
        return _match_path(call, service, model)
    if operation not in model.operation_names:
        return False
    call.service, call.operation, call.protocol = service, model.operation_model(operation), protocol
    return True


def _match_path(call: Call, service: str, model: ServiceModel) -> bool:
    protocol = model.protocol
    if protocol not in ("rest-json", "rest-xml"):
        return False
    try:
        operation, labels = get_service_router(service).match(call.request)
    except (NotFound, NotImplementedError):
        return False
    call.service, call.operation, call.protocol, call.labels = service, operation, protocol, labels
    return True


def _protocols(model: ServiceModel) -> list[str]:
    return model.metadata.get("protocols", [model.protocol])
