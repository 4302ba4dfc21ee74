# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""With the callback `warm`, runs say what they say without it, and keep compiled templates for later ones."""

from __future__ import annotations

import re

PLAY = """
- hosts: all
  gather_facts: false
  vars:
    greeting: "good {{ time }}, {{ names | map('regex_replace', '^(.)', '\\\\1.') | join(' and ') }}"
    names: [ann, bob]
  tasks:
    - ansible.builtin.debug: {msg: "{{ item }}: {{ greeting }}"}
      loop: [1, 2]
      when: item | int > 0
    - ansible.builtin.debug: {msg: "{{ missing }}"}
      ignore_errors: true
"""


def test_what_is_compiled_is_kept_and_means_the_same(tmp_path, play, monkeypatch):
    (tmp_path / "play.yml").write_text(PLAY)
    arguments = [str(tmp_path / "play.yml")] * 2

    def run(**variables):
        done = play(tmp_path, {"host": {"time": "morning"}}, *arguments, ansible_connection="local", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return re.sub(r"\d{4}-\d\d-\d\d \S+|0x\w+", "", done.stdout)

    def kept():
        return {path for path in (tmp_path / "cache").rglob("*") if path.is_file()}

    plain = run()
    assert "1: good morning, a.nn and b.ob" in plain
    assert kept() == set()
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "wellarchitected.aws.warm")
    assert run() == plain
    first = kept()
    assert len(first) >= 3
    assert run() == plain
    assert kept() == first
