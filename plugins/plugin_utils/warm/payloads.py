# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the payloads that Ansible builds of modules, so that a later run does not build them again.

To build a payload, Ansible reads a module and the hundred or so files that it imports, parses each of them to find what
it imports in turn, and packs them all. It does so once in a run for each module, and leaves the result in the run's
folder, where it looks first. Here a copy stays in the cache of the user, and is put into the folder of the next run,
unless one of the files that it was made of has changed since.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import functools
import hashlib
import io
import json
import os
import pickle
import sys
import zipfile
from pathlib import Path

import ansible
from ansible.plugins.loader import module_utils_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible.utils.collection_loader._collection_finder import _get_collection_path

from .server import is_private

ANSIBLE = Path(ansible.__file__).parent
# Ansible writes these itself, in every payload the same.
WRITTEN_BY_ANSIBLE = ("ansible/__init__.py", "ansible/module_utils/__init__.py")
# A payload for a debugger names files of this run.
KEPT = "-none"


class Payloads:
    """The payloads of one run, and those in the cache that it may use.

    :param cache: the user's folder for what is kept from run to run
    :param run_folder: the private folder of this ``ansible-playbook`` run
    """

    def __init__(self, cache, run_folder):
        self.cache = cache
        self.built = Path(run_folder, "ansiballz_cache")
        self.seen = Path(run_folder, "warm-payloads")

    def offer(self):
        """Gives the run what is in the cache and still true; does so once, whoever asks first."""
        if self.seen.exists():
            return
        with open(self.seen.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.seen.exists():
                return
            self.built.mkdir(exist_ok=True)
            offered = list(self.offered())
            unseen = self.seen.with_suffix(".new")
            unseen.mkdir()
            for name in offered:
                (unseen / name).touch()
            unseen.rename(self.seen)

    def offered(self):
        """Puts what is in the cache into the run's folder; yields the names."""
        folder = self.folder()
        if folder is None:
            return
        # Payloads have most of their files in common.
        look = functools.cache(stamp)
        for made_of in folder.glob("*.json"):
            kept = made_of.with_suffix("")
            with contextlib.suppress(OSError, ValueError):
                if all(look(path) == known for path, known in json.loads(made_of.read_text()).items()):
                    (self.built / kept.name).write_bytes(kept.read_bytes())
                    os.utime(kept)
                    os.utime(made_of)
                    yield kept.name

    def keep(self):
        """Copies what this run has built to the cache."""
        folder = None
        for name in set(os.listdir(self.built)) - set(os.listdir(self.seen)):
            if not name.endswith(KEPT):
                continue
            try:
                (self.seen / name).touch(exist_ok=False)
            except FileExistsError:
                continue  # Another worker does it.
            folder = folder or self.folder()
            if folder is None:
                return
            payload = (self.built / name).read_bytes()
            made_of = sources(payload)
            if made_of is not None:
                write(folder / name, payload)
                write(folder / f"{name}.json", json.dumps(made_of).encode())

    def folder(self):
        """The part of the cache for runs that find their modules where this one does.

        None where nothing can be kept: where others may write to it, and outside of a run.
        """
        if AnsibleCollectionConfig.collection_finder is None:
            return None
        places = [
            ansible.__version__,
            str(ANSIBLE),
            sys.version,
            AnsibleCollectionConfig.collection_paths,
            AnsibleCollectionConfig.playbook_paths,
            [path for path in module_utils_loader._get_paths(subdirs=False) if os.path.isdir(path)],
        ]
        name = hashlib.sha256(json.dumps(places).encode()).hexdigest()[:16]
        folder = Path(self.cache, "payloads-" + name)
        return folder if is_private(self.cache, folder) else None


def stamp(path):
    """What changes when a file is written, or the entries of a folder change; None where there is nothing."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size, status.st_ino]


def sources(payload):
    """The stamps of all that a payload is made of, by path; None where that is not known for certain.

    To these belong the folders in which Ansible looked for the files, since another file may come there, and what a
    collection says of files that have moved.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(pickle.loads(payload).zip_data)))
    except Exception:
        return None  # This release of Ansible keeps payloads in another form.
    paths = set()
    for member in archive.namelist():
        if member in WRITTEN_BY_ANSIBLE:
            continue
        root, path = source(member)
        content = archive.read(member)
        if path is None or not path.exists():
            if content:
                return None
            continue
        if path.read_bytes() != content:
            return None
        paths |= {path, root / "meta" / "runtime.yml"}
        if "module_utils" in path.relative_to(root).parts:
            paths.add(path.parent)
    return {str(path): stamp(path) for path in paths}


def source(member):
    """Where the file that is called so in a payload lies: its collection (or Ansible itself), and the file.

    Both are None for a folder of collections.
    """
    top, *rest = member.split("/")
    if top == "ansible":
        return ANSIBLE, ANSIBLE.joinpath(*rest)
    if len(rest) < 3:
        return None, None
    collection = Path(_get_collection_path(".".join(rest[:2])))
    return collection, collection.joinpath(*rest[2:])


def write(path, data):
    """Writes a file that appears whole."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
