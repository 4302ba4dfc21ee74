# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A payload is built once for all runs, and built again when what it is made of has changed."""

from __future__ import annotations

import sys

import pytest

WARM = {"ansible_connection": "wellarchitected.aws.warm", "ansible_python_interpreter": sys.executable}
MODULE = """
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.example.own.plugins.module_utils.words import greeting
def main():
    AnsibleModule({}).exit_json(msg=greeting())
main()
"""


@pytest.fixture
def own(tmp_path):
    """The folder of a collection of our own, and a playbook that runs its module and says what it answered."""
    plugins = tmp_path / "collections" / "ansible_collections" / "example" / "own" / "plugins"
    (plugins / "modules").mkdir(parents=True)
    (plugins / "modules" / "greet.py").write_text(MODULE)
    (plugins / "module_utils").mkdir()
    (plugins / "module_utils" / "words.py").write_text("def greeting():\n    return 'good morning'\n")
    (tmp_path / "play.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - example.own.greet:\n      register: answer\n"
        "    - ansible.builtin.debug: {var: answer.msg}\n"
    )
    return plugins


@pytest.fixture
def greet(tmp_path, play, own):
    def run(**variables):
        """Answers what the module said, and whether Ansible built its payload."""
        done = play(tmp_path, {"host": {}}, "-vvvvv", str(tmp_path / "play.yml"), **WARM, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        said = done.stdout.partition('"answer.msg": "')[2].partition('"')[0]
        return said, "Including module_utils file" in done.stdout

    return run


def test_a_second_run_finds_what_the_first_one_built(greet):
    assert greet() == ("good morning", True)
    assert greet() == ("good morning", False)


def _changed_file(plugins):
    (plugins / "module_utils" / "words.py").write_text("def greeting():\n    return 'good evening'\n")


def _changed_module(plugins):
    (plugins / "modules" / "greet.py").write_text(MODULE.replace("greeting()", "'good evening'"))


def _moved_file(plugins):
    """The collection says that the words are elsewhere now; Ansible believes that, though the old file is there."""
    (plugins / "module_utils" / "other.py").write_text("def greeting():\n    return 'good evening'\n")
    meta = plugins.parent / "meta"
    meta.mkdir()
    (meta / "runtime.yml").write_text(
        "plugin_routing:\n  module_utils:\n    words:\n      redirect: example.own.other\n"
    )


@pytest.mark.parametrize("change", [_changed_file, _changed_module, _moved_file])
def test_what_has_changed_is_built_again(greet, own, change):
    assert greet() == ("good morning", True)
    change(own)
    assert greet() == ("good evening", True)
    # Of a file that has moved, Ansible puts one into the payload that nobody wrote: such a payload is not kept.
    assert greet() == ("good evening", change is _moved_file)


def test_a_file_that_comes_between_is_noticed(greet, own):
    """`from words import greeting` means the module of that name as soon as there is one."""
    words = own / "module_utils" / "words"
    words.mkdir()
    (words / "__init__.py").write_text("def greeting():\n    return 'good morning'\n")
    (own / "module_utils" / "words.py").unlink()
    assert greet() == ("good morning", True)
    (words / "greeting.py").write_text("")
    assert greet()[1]


def test_what_others_may_write_is_not_used(greet, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    assert greet() == ("good morning", True)
    assert greet() == ("good morning", True)
    assert not [path for path in tmp_path.glob("cache/**/*") if path.is_file()]


def test_a_torn_payload_is_not_offered(greet, tmp_path):
    greet()
    for torn in tmp_path.glob("cache/payloads-*/*.json"):
        torn.write_text(torn.read_text()[:20])
    assert greet() == ("good morning", True)


def test_switched_off_nothing_is_kept(greet, tmp_path):
    greet(ansible_warm_enabled=False)
    assert not (tmp_path / "cache").exists()
