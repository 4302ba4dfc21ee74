#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3_objects
version_added: "0.1.0"
short_description: Keep files of a website in an S3 bucket
description:
  - Uploads the files of a folder, or contents that are given, as objects with their content types and cache headers.
    Only what differs is uploaded, and, where it is wanted, what is gone is deleted.
  - M(amazon.aws.s3_object) compares no headers, and M(community.aws.s3_sync) only part of the contents; neither tells
    in check mode what would change.
  - Contents are compared by the SHA-256 checksum that S3 keeps, whatever the encryption. An object that was uploaded
    without one is uploaded again once.
  - Objects are encrypted as the bucket says. Follows
    U(https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  bucket:
    description:
      - The bucket's name. In check mode it need not exist.
    type: str
    required: true
  prefix:
    description:
      - What the keys of all these objects begin with, such as V(errors/). Nothing else in the bucket is looked at.
    type: str
    default: ""
  src:
    description:
      - The folder, where the module runs, whose files are uploaded, with all folders below it. Links to files are
        followed, links to folders are not. A file may have 5 GB at most.
    type: path
  objects:
    description:
      - The objects by what follows O(prefix) in their keys, each with its content, a text.
    type: dict
  objects_are_base64:
    description:
      - Whether the contents of O(objects) are written in base64, for what is no text.
    type: bool
    default: false
  exclude:
    description:
      - Patterns of files of O(src) that are not uploaded, such as V(*.map); of each file its path in the folder is
        compared.
    type: list
    elements: str
    default: []
  cache_control:
    description:
      - The C(Cache-Control) headers. The first pattern that matches what follows O(prefix) in the key decides; without
        a match there is no such header. The star stands for slashes, too.
    type: list
    elements: dict
    default: []
    suboptions:
      pattern:
        description: A pattern of keys, such as V(assets/*).
        type: str
        required: true
      value:
        description: The header, such as V(public, max-age=300).
        type: str
        required: true
  content_types:
    description:
      - More content types by the key's extension, such as V(application/geo+json) for C(.geojson). Those of the web are
        known, and anything else is V(application/octet-stream). Text says that it is in UTF-8.
    type: dict
    default: {}
  purge:
    description:
      - Whether objects whose keys begin with O(prefix) and that are not described are deleted.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Upload a website, and delete what is no longer in it
  wellarchitected.aws.s3_objects:
    bucket: example-com-site
    src: build/site
    exclude: [".git*", "*.map"]
    cache_control:
      - {pattern: "assets/*", value: "public, max-age=31536000, immutable"}
      - {pattern: "*", value: "public, max-age=300"}
    purge: true

- name: Keep a page
  wellarchitected.aws.s3_objects:
    bucket: example-com-site
    prefix: errors/
    objects:
      404.html: "{{ lookup('ansible.builtin.template', '404.html.j2') }}"
"""

RETURN = r"""
objects:
  description: What is described, by key, as it is, or in check mode as it would be.
  returned: success
  type: dict
  sample:
    errors/404.html:
      sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
      content_type: text/html; charset=utf-8
      cache_control: public, max-age=300
uploaded:
  description: The keys that were uploaded, sorted.
  returned: success
  type: list
  elements: str
  sample: [errors/404.html]
deleted:
  description: The keys that were deleted, sorted.
  returned: success
  type: list
  elements: str
  sample: [old.html]
changed_paths:
  description:
    - The paths of all that was uploaded or deleted, as CloudFront takes them to invalidate. The page of a folder is
      also there by the folder's path.
  returned: success
  type: list
  elements: str
  sample: [/errors/404.html]
"""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting, ensure_present

MAX_PARALLEL_CALLS = 8
DELETED_AT_ONCE = 1000  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
LARGEST_OBJECT = 5 * 1024**3  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
# Not those of Python or of the machine, which differ from one to the next.
CONTENT_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


class ObjectsErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["404", "NoSuchKey", "NoSuchBucket"])


class Objects(Setting):
    """The described objects of a bucket: their states by key, and None for one that is not there."""

    def __init__(self, bucket, prefix, contents, states, purge, s3):
        """contents are bytes or the path of a file, by key; states what each key shall be."""
        super().__init__(states)
        self.bucket, self.prefix, self.contents, self.purge, self.s3 = bucket, prefix, contents, purge, s3

    def find(self):
        sizes = self._list()
        if sizes is None:
            return None
        same_size = [key for key, content in self.contents.items() if sizes.get(key) == size_of(content)]
        with ThreadPoolExecutor(MAX_PARALLEL_CALLS) as pool:
            heads = dict(zip(same_size, pool.map(self._head, same_size), strict=True))
        return {key: heads.get(key, {}) for key in sizes if self.purge or key in self.given}

    def create(self):
        raise AnsibleAWSError(message=f"There is no bucket {self.bucket} to keep objects in.")

    def wanted(self, current):
        gone = {key: None for key in current if key not in self.given} if self.purge else {}
        return {**self.given, **gone}

    def update(self, current, changes):
        uploads = sorted(key for key, state in changes.items() if state is not None)
        with ThreadPoolExecutor(MAX_PARALLEL_CALLS) as pool:
            list(pool.map(self._put, uploads))
        deletions = sorted(changes.keys() - set(uploads))
        for start in range(0, len(deletions), DELETED_AT_ONCE):
            self._delete(deletions[start : start + DELETED_AT_ONCE])

    @ObjectsErrorHandler.list_error_handler("list the objects of the bucket {self.bucket}", None)
    def _list(self):
        """The sizes of all objects below the prefix, by key; None without the bucket."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    @ObjectsErrorHandler.list_error_handler("look at the object {key}", {})
    def _head(self, key):
        return state_of(self.s3.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED"))

    @ObjectsErrorHandler.common_error_handler("upload the object {key}")
    def _put(self, key):
        headers = upload_headers(self.given[key])
        content = self.contents[key]
        if isinstance(content, bytes):
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, **headers)
        else:
            with content.open("rb") as body:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **headers)

    @ObjectsErrorHandler.common_error_handler("delete objects of the bucket {self.bucket}")
    def _delete(self, keys):
        answer = self.s3.delete_objects(
            Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        for error in answer.get("Errors", []):
            raise AnsibleAWSError(message=f"S3 did not delete {error['Key']}: {error['Code']}, {error['Message']}")


def state_of(head):
    """What an answer of HeadObject says, in the module's words."""
    return {
        "sha256": head.get("ChecksumSHA256"),
        "content_type": head.get("ContentType"),
        "cache_control": head.get("CacheControl"),
    }


def upload_headers(state):
    """The parameters of PutObject that make a state; botocore computes the checksum, and S3 holds the content to it."""
    headers = {"ChecksumAlgorithm": "SHA256", "ContentType": state["content_type"]}
    return {**headers, **({"CacheControl": state["cache_control"]} if state["cache_control"] else {})}


def size_of(content):
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def checksum(content):
    """The SHA-256 of bytes or of a file, as S3 writes it."""
    if isinstance(content, bytes):
        digest = hashlib.sha256(content)
    else:
        with content.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
    return base64.b64encode(digest.digest()).decode()


def content_type(key, more):
    """The content type of a key by its extension; more are types that the user added."""
    extension = PurePosixPath(key).suffix.lower()
    found = {**CONTENT_TYPES, **more}.get(extension, "application/octet-stream")
    return f"{found}; charset=utf-8" if found.startswith("text/") and "charset" not in found else found


def cache_control(name, rules):
    """The Cache-Control header of the first rule whose pattern matches a name; None without one."""
    return next((rule["value"] for rule in rules if fnmatchcase(name, rule["pattern"])), None)


def files_of(folder, exclude):
    """The files of a folder by their paths in it, with slashes, without those that a pattern excludes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(fnmatchcase(name, pattern) for pattern in exclude):
            if path.stat().st_size > LARGEST_OBJECT:
                raise AnsibleAWSError(message=f"{path} is larger than the 5 GB that S3 takes in one piece.")
            found[name] = path
    return found


def paths_of(keys):
    """The paths of URLs at which these keys are served, sorted."""
    paths = set()
    for key in keys:
        paths.add(f"/{quote(key)}")
        if PurePosixPath(key).name == "index.html":
            paths.add(f"/{quote(key.removesuffix('index.html'))}")
    return sorted(paths)


def decoded(name, content):
    """The bytes that are written in base64."""
    try:
        return base64.b64decode(str(content), validate=True)
    except ValueError as error:
        raise AnsibleAWSError(message=f"The content of {name} is no base64: {error}") from error


def described(params):
    """The contents and the states that are wanted, both by key."""
    if params["src"] is not None:
        folder = Path(params["src"])
        if not folder.is_dir():
            raise AnsibleAWSError(message=f"src is {folder}, and there is no such folder.")
        named = files_of(folder, params["exclude"])
    else:
        decode = decoded if params["objects_are_base64"] else lambda _name, content: str(content).encode()
        named = {name: decode(name, content) for name, content in params["objects"].items()}
    contents = {f"{params['prefix']}{name}": content for name, content in named.items()}
    states = {
        f"{params['prefix']}{name}": {
            "sha256": checksum(content),
            "content_type": content_type(name, params["content_types"]),
            "cache_control": cache_control(name, params["cache_control"]),
        }
        for name, content in named.items()
    }
    return contents, states


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "default": ""},
            "src": {"type": "path"},
            "objects": {"type": "dict"},
            "objects_are_base64": {"type": "bool", "default": False},
            "exclude": {"type": "list", "elements": "str", "default": []},
            "cache_control": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "pattern": {"type": "str", "required": True},
                    "value": {"type": "str", "required": True},
                },
            },
            "content_types": {"type": "dict", "default": {}},
            "purge": {"type": "bool", "default": False},
        },
        required_one_of=[("src", "objects")],
        mutually_exclusive=[("src", "objects")],
        supports_check_mode=True,
    )
    with aws_errors(module):
        contents, states = described(module.params)
        objects = Objects(
            module.params["bucket"],
            module.params["prefix"],
            contents,
            states,
            module.params["purge"],
            client(module, "s3"),
        )
        outcome = ensure_present(objects, module.check_mode)
    for warning in outcome.warnings:
        module.warn(warning)
    before = outcome.before or {}
    uploaded = sorted(key for key, state in states.items() if before.get(key) != state)
    deleted = sorted(before.keys() - states.keys())
    changed = [*uploaded, *deleted]
    module.exit_json(
        changed=outcome.changed,
        objects=states,
        uploaded=uploaded,
        deleted=deleted,
        changed_paths=paths_of(changed),
        diff={
            "before": {key: before[key] for key in changed if key in before},
            "after": {key: states[key] for key in uploaded},
        },
    )


if __name__ == "__main__":
    main()
