"""Make the environment that everything here runs in: Python packages in .venv/, collections in .collections/.

Run by scripts/setup, with the interpreter that the environment is to have and nothing but its standard library.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "setup-stamp"
COLLECTIONS = ROOT / ".collections" / "ansible_collections"
# What the environment follows from, beside the interpreter and its own path.
SOURCES = ("requirements.txt", "requirements.yml", "scripts/environment.py")


class SetupError(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def run(*command, hint=None):
    """Run a command quietly; its whole output, and the hint, are the error if it fails."""
    # uv must take the interpreter that it is given, and never download another.
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [f"$ {' '.join(str(part) for part in command)}", done.stdout.rstrip(), hint]
        raise SetupError("\n".join(filter(None, said)))


def wanted_stamp():
    """Return what the environment has to follow from: its base (interpreter and place), and the rest as a digest."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((ROOT / name).read_bytes())
    # A virtual environment does not move: its scripts hold its path.
    return [f"{sys.version.split()[0]} {VENV}", digest.hexdigest()]


def is_ready(stamp):
    """Tell whether a set-up with this stamp was completed, and what it linked is still there."""
    return read_stamp() == stamp and all(link.is_dir() for link in collection_paths().values())


def read_stamp():
    """Return the stamp of the last completed set-up; empty if there is none."""
    try:
        return STAMP.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def collection_paths():
    """Return where each required collection has to be, by name."""
    names = re.findall(r"^ +- name: (\w+\.\w+)$", (ROOT / "requirements.yml").read_text(encoding="utf-8"), re.MULTILINE)
    return {name: COLLECTIONS.joinpath(*name.split(".")) for name in names}


def make_venv():
    """Make an empty virtual environment, in the place of whatever was there."""
    shutil.rmtree(VENV, ignore_errors=True)
    # When this very program runs in the environment that is being replaced, its base has to make the new one.
    run(
        sys._base_executable,
        *("-m", "venv", VENV),
        hint="Python could not make a virtual environment. On Debian and Ubuntu install python3-venv.",
    )


def install_packages():
    """Bring the environment to what requirements.txt pins: with uv, or where uv cannot do it, with pip."""
    try:
        if not UV.exists():
            install_uv()
        run(UV, "pip", "sync", "--python", PYTHON, "requirements.txt")
    except SetupError as error:
        print(f"uv could not install the packages; pip will, which takes longer. What was said:\n{error}", flush=True)
        run(PYTHON, "-m", "pip", "install", "--require-hashes", "-r", "requirements.txt")


def install_uv():
    """Install the uv that requirements.txt pins, by its hashes."""
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pin = re.search(r"^uv==(\S+)(?:.*\\\n)*.*\n", requirements, re.MULTILINE)
    if pin is None:
        raise SetupError("requirements.txt does not pin uv. Run: make lock")
    pin_file = VENV / "uv-requirements.txt"
    pin_file.write_text(pin[0], encoding="utf-8")
    run(PYTHON, "-m", "pip", "install", "--require-hashes", "-r", pin_file)


def link(path, target):
    """Make path a relative symbolic link to target."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


def provide_collections():
    """Put the required collections, and this checkout as one of them, where Ansible and the tests look.

    A real directory, as Galaxy makes it, is kept. Otherwise the ansible package's own copy is linked, which needs no
    Galaxy; where that package is not installed, Galaxy is asked.
    """
    bundle = next(VENV.glob("lib/python3.*/site-packages/ansible_collections"), None)
    absent = []
    for name, path in collection_paths().items():
        if path.parent.is_symlink():
            path.parent.unlink()
        if path.is_dir() and not path.is_symlink():
            continue
        bundled = bundle and bundle.joinpath(*name.split("."))
        if bundled and bundled.is_dir():
            link(path, bundled)
        else:
            absent.append(name)
    if absent:
        run(
            VENV / "bin" / "ansible-galaxy",
            *("collection", "install", "-r", "requirements.yml", "-p", ".collections"),
            hint=f"Without Galaxy, put {' and '.join(absent)} below {COLLECTIONS} yourself, and run make setup again.",
        )
    link(COLLECTIONS / "wellarchitected" / "aws", ROOT)


def set_up(stamp):
    """Bring the environment to what the stamp stands for."""
    started = time.monotonic()
    base_is_right = read_stamp()[:1] == stamp[:1]
    # From here until the end there is no stamp: what is interrupted is begun again.
    STAMP.unlink(missing_ok=True)
    if not base_is_right:
        print(f"Making .venv with Python {sys.version.split()[0]} ({sys._base_executable})", flush=True)
        make_venv()
    print("Installing the packages that requirements.txt pins", flush=True)
    install_packages()
    provide_collections()
    STAMP.write_text("\n".join(stamp) + "\n", encoding="utf-8")
    print(f"The environment is ready ({time.monotonic() - started:.0f} s)", flush=True)


def main():
    stamp = wanted_stamp()
    if is_ready(stamp):
        return
    # Two set-ups at once: the second waits, and then finds everything done. The lock ends with the process.
    fcntl.flock(os.open(ROOT / "scripts", os.O_RDONLY), fcntl.LOCK_EX)
    if not is_ready(stamp):
        set_up(stamp)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"The set-up failed.\n{error}")
    except KeyboardInterrupt:
        sys.exit("The set-up was interrupted; run it again to complete it.")
