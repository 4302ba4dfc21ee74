# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The commands that people type, and the versions that several files state."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
OLD_PYTHONS = [path for name in ("python3.9", "python3.10", "python3.11") if (path := shutil.which(name))]


def read_yaml(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def make(*arguments):
    """Run make without the settings of a make that runs these tests; return the completed process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def would_run(*arguments):
    """Return the commands that make would run, one a line."""
    done = make("--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def oldest(package):
    """Return the version of a package that is pinned as the oldest one supported."""
    requirements = (ROOT / "requirements-oldest.in").read_text(encoding="utf-8")
    return re.search(rf"^{package}==(\S+)$", requirements, re.MULTILINE)[1]


def test_galaxy_and_requirements_ask_for_the_same_collections():
    required = {entry["name"]: entry["version"] for entry in read_yaml("requirements.yml")["collections"]}
    assert required == read_yaml("galaxy.yml")["dependencies"]


def test_installed_collections_are_in_the_stated_ranges():
    for name, versions in read_yaml("galaxy.yml")["dependencies"].items():
        manifest = ROOT.joinpath(".collections", "ansible_collections", *name.split("."), "MANIFEST.json")
        version = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
        assert version in SpecifierSet(versions), f"{name} {version}"


def test_the_oldest_supported_ansible_is_the_one_that_is_tested():
    assert read_yaml("meta/runtime.yml")["requires_ansible"] == f">={oldest('ansible-core')}"


def test_contributors_are_told_the_oldest_versions():
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for package in ("ansible-core", "boto3"):
        assert re.search(rf"{package}\D* {oldest(package).removesuffix('.0')}\b", told), package


def test_help_has_a_sentence_for_every_command():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    checks = re.search(r"^CHECKS = (.*)$", makefile, re.MULTILINE)[1]
    commands = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].replace("$(CHECKS)", checks).split()
    explained = re.findall(r"^make (\w+) +\S", make().stdout, re.MULTILINE)
    assert sorted(explained) == sorted(commands)


def test_every_check_has_a_command():
    listed = subprocess.run([ROOT / "scripts" / "check", "--list"], capture_output=True, text=True, check=True).stdout
    for group in {line.split()[0] for line in listed.splitlines()}:
        assert f"scripts/check {group}" in would_run(group)


def test_site_starts_the_sandbox_and_passes_arguments_on():
    commands = would_run("site", "ARGS=--tags network --check")
    assert "sandbox up" in commands
    assert "ansible-playbook -i inventories/sandbox site.yml --tags network --check" in commands


def test_plan_is_site_that_changes_nothing():
    assert "site.yml --tags network --check --diff" in would_run("plan", "ARGS=--tags network")


@pytest.mark.parametrize("command", ["site", "plan", "destroy"])
def test_a_real_account_needs_no_sandbox(command):
    commands = would_run(command, "INVENTORY=inventories/example")
    assert "-i inventories/example" in commands
    assert "sandbox" not in commands


def test_ansible_without_an_inventory_reaches_the_sandbox_only():
    config = (ROOT / "ansible.cfg").read_text(encoding="utf-8")
    assert re.search(r"^inventory = inventories/sandbox$", config, re.MULTILINE)


def test_a_second_setup_does_nothing():
    done = make("setup")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("python", ["/nonexistent/python3", *OLD_PYTHONS])
def test_setup_says_that_a_python_will_not_do(python):
    done = make("setup", f"PYTHON={python}")
    assert done.returncode != 0
    assert f"PYTHON={python} is not a Python 3.12 or newer" in done.stderr


def test_setup_says_that_there_is_no_python(tmp_path):
    for program in ("dirname", "sh"):
        (tmp_path / program).symlink_to(shutil.which(program))
    # Copied to where there is no environment whose Python would do.
    script = tmp_path / "scripts" / "setup"
    script.parent.mkdir()
    shutil.copy(ROOT / "scripts" / "setup", script)
    done = subprocess.run(
        ["sh", script], env={"PATH": str(tmp_path), "HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Python 3.12 or newer is needed, and none was found" in done.stderr


def test_an_unknown_check_is_refused():
    done = subprocess.run([ROOT / "scripts" / "check", "lnit"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no check lnit" in done.stderr
