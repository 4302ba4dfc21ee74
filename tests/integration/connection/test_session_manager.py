# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hosts reached by Session Manager in sessions that are kept: the same answers, fewer sessions, nothing left over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.hosts import requirements
from tests.machines import PLUGIN, REGION, Site, eventually

from .test_playbook import comparable

HERE = Path(__file__).parent
BUCKET = "example-transfer"
KEPT, PLAIN = "wellarchitected.aws.session_manager", "amazon.aws.aws_ssm"


@pytest.fixture(scope="module")
def site():
    reason = requirements.unavailable()
    if reason:
        pytest.skip(f"not run: {reason}")
    with Sandbox(clock=0, hosts=True) as sandbox:
        site = Site(sandbox)
        site.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        site.machine = site.launch()
        yield site
        assert sandbox.status()["refused"] == []


@pytest.fixture
def on_machine(site, play, tmp_path, monkeypatch):
    """Runs a playbook, given as tasks or as a file; answers how it went, and the sessions that it has had."""

    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "wellarchitected.aws.warm")

    def run(playbook, hosts=None, **variables):
        if isinstance(playbook, list):
            content = [{"hosts": "all", "gather_facts": False, "tasks": playbook}]
            playbook = tmp_path / "play.yml"
            playbook.write_text(json.dumps(content))
        before = ids(site, "History")
        done = play(
            tmp_path,
            hosts or {"host": {"ansible_connection": KEPT}},
            str(playbook),
            ansible_aws_ssm_instance_id=site.machine,
            ansible_aws_ssm_endpoint_url=site.sandbox.endpoint,
            ansible_aws_ssm_access_key_id="embedded",
            ansible_aws_ssm_secret_access_key="no-secret-at-all",
            ansible_aws_ssm_region=REGION,
            ansible_aws_ssm_bucket_name=BUCKET,
            ansible_aws_ssm_plugin=PLUGIN,
            ansible_aws_ssm_retries=0,
            ansible_python_interpreter="/usr/bin/python3",
            **variables,
        )
        eventually(lambda: not ids(site, "Active"))
        return done, ids(site, "History") - before

    yield run
    assert "Contents" not in site.s3.list_objects_v2(Bucket=BUCKET)


def ids(site, state):
    return {session["SessionId"] for session in site.ssm.describe_sessions(State=state)["Sessions"]}


def test_tasks_answer_the_same_in_one_session(on_machine, tmp_path):
    answers, sessions = {}, {}
    for connection in (PLAIN, KEPT):
        folder = tmp_path / connection
        folder.mkdir()
        hosts = {"host": {"ansible_connection": connection, "folder": str(folder)}}
        done, sessions[connection] = on_machine(HERE / "on_a_host.yml", hosts, ansible_aws_ssm_timeout=30)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        answers[connection] = comparable(json.loads((folder / "host.json").read_text()), connection)
        assert (folder / "fetched" / "a file").read_text().startswith("ä\nlong long ")
    for task, answer in answers[PLAIN].items():
        assert answers[KEPT][task] == answer, task
    assert len(sessions[KEPT]) == 1 < 10 < len(sessions[PLAIN])


def test_what_the_other_connection_hangs_on(on_machine, tmp_path):
    """A command that exits the shell, and a quote in the name of a file."""
    done, sessions = on_machine(
        [
            {"ansible.builtin.raw": "echo done; exit 3", "register": "raw", "failed_when": "raw.rc != 3"},
            {"ansible.builtin.copy": {"content": "x", "dest": "/tmp/it's", "mode": "0600"}},
            {"ansible.builtin.fetch": {"src": "/tmp/it's", "dest": f"{tmp_path}/", "flat": True}},
        ],
        ansible_aws_ssm_timeout=20,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "it's").read_text() == "x" and len(sessions) == 1


def test_what_was_cut_off_or_reset_is_not_gone_on_with(on_machine):
    done, sessions = on_machine(
        [
            {"ansible.builtin.command": "true"},
            {"ansible.builtin.meta": "reset_connection"},
            {"ansible.builtin.command": "sleep 1234", "timeout": 2, "ignore_errors": True},
            {
                "ansible.builtin.command": "pgrep -fx 'sleep 1234'",
                "register": "left",
                "failed_when": "left.rc != 1",
                # It ends with its session, in a moment.
                "until": "left.rc == 1",
                "retries": 20,
                "delay": 0.5,
            },
        ]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(sessions) == 3


def test_a_host_may_be_restarted(on_machine):
    started = {"ansible.builtin.command": "stat --format=%Y /proc/1"}
    done, sessions = on_machine(
        [
            {**started, "register": "before"},
            {"ansible.builtin.raw": "sudo systemctl reboot --no-block"},
            {"ansible.builtin.wait_for_connection": {"delay": 1, "sleep": 1, "timeout": 60}},
            {**started, "register": "after", "failed_when": "after.stdout == before.stdout"},
        ]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(sessions) >= 2


def test_a_module_that_cannot_be_fetched_is_not_run(site, on_machine):
    site.sandbox.faults("error", every=1, service="s3", operation="GetObject")
    try:
        done, _sessions = on_machine([{"ansible.builtin.command": "true"}])
    finally:
        site.sandbox.faults()
    assert done.returncode != 0
    assert "The requested URL returned error: 500" in done.stdout


def test_a_host_that_cannot_be_reached_is_said_to_be(on_machine):
    hosts = {"host": {"ansible_connection": KEPT, "ansible_aws_ssm_instance_id": "i-0123456789abcdef0"}}
    done, sessions = on_machine([{"ansible.builtin.command": "true"}], hosts)
    assert "UNREACHABLE" in done.stdout and "i-0123456789abcdef0 is not connected" in done.stdout
    assert not sessions


def test_a_run_that_is_killed_leaves_no_session(on_machine):
    killed = "{{ lookup('ansible.builtin.pipe', 'kill -9 $(ps -o ppid= -p $PPID)') }}"
    done, sessions = on_machine([{"ansible.builtin.command": "true"}, {"ansible.builtin.debug": {"msg": killed}}])
    assert done.returncode == -9 and len(sessions) == 1
