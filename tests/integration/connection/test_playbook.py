# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tasks of a playbook answer the same on both connections."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
VOLATILE = {"start", "end", "delta", "ansible_job_id", "results_file", "duration", "attempts"}


def comparable(value, host):
    """Leaves out times, and what a name is made of."""
    if isinstance(value, dict):
        return {key: comparable(entry, host) for key, entry in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [comparable(entry, host) for entry in value]
    if isinstance(value, str):
        value = value.replace(host, "HOST")
        value = re.sub(r"(payload_|ansible-tmp-|ansible-moduletmp-|ansible-local-)[\w.-]+", r"\1*", value)
        return re.sub(r"line \d+|\.source-[\w-]+", "*", value)
    return value


def test_tasks_answer_the_same(tmp_path, play):
    connections = {"first_host": "ansible.builtin.local", "other_host": "wellarchitected.aws.warm"}
    done = play(
        tmp_path,
        {host: {"ansible_connection": connection} for host, connection in connections.items()},
        str(HERE / "behaviours.yml"),
        ansible_python_interpreter=sys.executable,
        as_another_user=os.geteuid() == 0,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    local, warm = (comparable(json.loads((tmp_path / f"{host}.json").read_text()), host) for host in connections)
    for task in local:
        assert warm[task] == local[task], task
    assert "warm interpreter" not in done.stderr
    assert [result.get("rc") for result in local["modules"]["results"]].count(None) < len(local["modules"]["results"])
    assert local["timeout"]["failed"]
    assert list((tmp_path / "cache").iterdir()), "nothing ran warm"


def test_another_interpreter_serves_too(tmp_path, play):
    """One server for each interpreter; one that is too old for it warns, and runs modules itself."""
    interpreters = {"base": str(Path(sys.base_prefix, "bin", "python3")), "own": sys.executable}
    (tmp_path / "play.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.ping:\n"
        "    - ansible.builtin.setup: {gather_subset: ['!all', python]}\n"
        "    - ansible.builtin.assert: {that: ansible_facts.python.executable == ansible_python_interpreter}\n"
    )
    done = play(
        tmp_path,
        {host: {"ansible_python_interpreter": path} for host, path in interpreters.items()},
        str(tmp_path / "play.yml"),
        ansible_connection="wellarchitected.aws.warm",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warm" not in done.stderr


@pytest.mark.parametrize("ending", ["success", "failure"])
def test_no_process_is_left_when_a_run_has_ended(tmp_path, play, until, ending):
    task = "ansible.builtin.ping:" if ending == "success" else "ansible.builtin.fail:"
    (tmp_path / "play.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.ping:\n    - {task}\n"
    )
    marker = f"{tmp_path}/marker"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARM_TEST", marker)
        done = play(tmp_path, {"host": {}}, str(tmp_path / "play.yml"), ansible_connection="wellarchitected.aws.warm",
                    ansible_python_interpreter=sys.executable)  # fmt: skip
    assert done.returncode == {"success": 0, "failure": 2}[ending], done.stdout + done.stderr
    until(lambda: not processes_with(marker))


def test_the_number_of_requests_is_reported(run):
    program = """
import botocore.session, botocore.config
client = botocore.session.Session().create_client(
    "sts", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b", endpoint_url="http://127.0.0.1:9",
    config=botocore.config.Config(retries={"total_max_attempts": 2}))
try:
    client.get_caller_identity()
except Exception as error:
    print(type(error).__name__)
"""
    assert run.warm(program)[1] == b"EndpointConnectionError\n"
    assert run.warm("print(1)")[1] == b"1\n"
    lines = (run.folder / "warm-calls").read_text().splitlines()
    assert [line.split(" ")[1] for line in lines] == ["2", "0"]


def processes_with(marker):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    return found
