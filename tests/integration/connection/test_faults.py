# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What goes wrong around a warm interpreter costs time, never a result, and no task runs twice."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from unittest import mock

import pytest
from ansible.plugins.connection.local import display

SHOW_PARENTS = "import os; print(os.getppid(), open(f'/proc/{os.getppid()}/stat').read().split()[3], flush=True)"


@pytest.fixture
def warnings():
    with mock.patch.object(display, "warning") as warning:
        yield lambda: [call.args[0] for call in warning.call_args_list]


def in_background(run, program):
    pool = concurrent.futures.ThreadPoolExecutor(1)
    return pool.submit(run.warm, program)


def marks_its_beginning(path, then):
    return f"import os, time\nwith open({str(path)!r}, 'a') as f: f.write('x')\n{then}\nprint('done')"


def test_a_server_that_is_killed_takes_no_task_with_it(run, tmp_path, until, warnings):
    run.warm("pass")
    begun = tmp_path / "begun"
    result = in_background(run, marks_its_beginning(begun, "time.sleep(.5)"))
    until(begun.exists)
    run.end()
    assert result.result() == (0, b"done\n", b"")
    assert begun.read_text() == "x"
    assert run.warm("print(1)") == (0, b"1\n", b"")
    assert len(run.servers()) == 1
    assert not warnings()


def test_a_task_whose_keeper_is_killed_is_not_begun_again(run, tmp_path):
    begun = tmp_path / "begun"
    program = marks_its_beginning(begun, "os.kill(os.getppid(), 9); time.sleep(.3)")
    status, _stdout, words = run.local("import os; os.kill(os.getpid(), 9)")
    assert run.warm(program) == (status, b"done\n", words)
    assert begun.read_text() == "x"


def test_a_server_that_stops_answering_is_left_alone(run, monkeypatch, warnings):
    run.warm("pass")
    for server in run.servers():
        os.kill(server, signal.SIGSTOP)
    run_server = sys.modules["ansible_collections.wellarchitected.aws.plugins.plugin_utils.run_server"]
    monkeypatch.setattr(run_server, "READY_SECONDS", 2)
    assert run.warm("print(1)") == (0, b"1\n", b"")
    begin = time.monotonic()
    assert run.warm("print(1)") == (0, b"1\n", b"")
    assert time.monotonic() - begin < 2
    assert set(warnings()) == {
        "Modules run without a warm interpreter, and so more slowly: its server did not answer in 2 seconds"
    }
    for server in run.servers():
        os.kill(server, signal.SIGCONT)


def test_an_interpreter_that_cannot_serve_runs_modules_itself(run, tmp_path, warnings):
    """Here: one that takes no program longer than a line."""
    interpreter = tmp_path / "python3"
    interpreter.write_text(f"""#!/bin/sh
read -r line
case $line in print*) echo "$line" | exec {sys.executable} ;; esac
echo 'no servers here' >&2
exit 3
""")
    interpreter.chmod(0o755)
    program = "print(1)\n"
    for _task in range(2):
        assert run.warm(program, interpreter=interpreter) == run.local(program, interpreter=interpreter)
    assert set(warnings()) == {"Modules run without a warm interpreter, and so more slowly: no servers here"}


def test_packages_that_start_threads_are_refused(new_run, tmp_path, monkeypatch, warnings):
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = new_run(ansible_warm_preload=["threaded"])
    assert run.warm("print(1)") == (0, b"1\n", b"")
    assert "starts a thread" in warnings()[0]


@pytest.mark.parametrize("preload", ["no_such_module", "broken"])
def test_packages_that_cannot_be_imported_are_passed_over(new_run, tmp_path, monkeypatch, warnings, preload):
    (tmp_path / "broken.py").write_text("1 / 0")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = new_run(ansible_warm_preload=[preload, "json"])
    assert run.warm(SHOW_PARENTS)[1].split()[1] == str(run.servers()[0]).encode()
    assert not warnings()


def test_the_server_ends_with_its_run(run, until):
    for end in ("by itself", "killed"):
        worker = run.worker(f"{'import time; time.sleep(99)' if end == 'killed' else SHOW_PARENTS}")
        if end == "killed":
            until(run.servers)
            worker.kill()
        worker.communicate(timeout=20)
        until(lambda: not run.servers())


def test_a_module_ends_with_its_worker(run, tmp_path, until):
    """Ansible ends a worker's process group when it is interrupted."""
    begun = tmp_path / "begun"
    program = f"import os, time, subprocess\nwith open({str(begun)!r}, 'w') as f: f.write(str(os.getpid()))\n"
    worker = run.worker(program + "subprocess.run(['sleep', '99'])")
    until(lambda: begun.exists() and begun.read_text())
    module = int(begun.read_text())
    until(lambda: Path(f"/proc/{module}/task/{module}/children").read_text())
    child = int(Path(f"/proc/{module}/task/{module}/children").read_text())
    worker.terminate()
    worker.communicate(timeout=20)
    until(lambda: not Path(f"/proc/{module}").exists() and not Path(f"/proc/{child}").exists())


def test_a_task_that_is_given_up_goes_on(run, tmp_path, until):
    """As with the task keyword `timeout`: an exception out of a signal handler."""
    begun, ended = tmp_path / "begun", tmp_path / "ended"

    class GivenUp(BaseException):
        pass

    def give_up(_number, _frame):
        raise GivenUp

    run.warm("pass")
    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(GivenUp):
            run.warm(marks_its_beginning(begun, f"time.sleep(.6); open({str(ended)!r}, 'w')"))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert begun.exists() and not ended.exists()
    until(ended.exists)


def test_an_idle_server_ends_and_the_next_task_starts_another(new_run, until):
    run = new_run(ansible_warm_idle_seconds=1)
    first = run.warm(SHOW_PARENTS)[1].split()[1]
    until(lambda: not run.servers())
    assert run.warm(SHOW_PARENTS)[1].split()[1] not in (first, b"1")


def test_packages_installed_during_a_run_are_found(new_run, tmp_path, monkeypatch):
    """A play that installs boto3 and then uses it: nothing of before may stay in memory."""
    package = tmp_path / "packaged.py"
    package.write_text("version = 1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = new_run(ansible_warm_preload=["packaged"])
    show = "import packaged; print(packaged.version)"
    assert run.warm(show)[1] == b"1\n"
    package.unlink()
    package.write_text("version = 22")
    (tmp_path / "packaged-22.dist-info").mkdir()
    assert run.warm(show)[1] == b"22\n"
    assert len(run.servers()) == 1


def test_fifty_tasks_at_once(run):
    numbers = range(50)
    with concurrent.futures.ThreadPoolExecutor(len(numbers)) as pool:
        results = pool.map(lambda number: run.warm(f"import time; time.sleep(.2); print({number} * 'x')"), numbers)
    assert list(results) == [(0, b"x" * number + b"\n", b"") for number in numbers]
    assert len(run.servers()) == 1


def test_fifty_tasks_while_servers_are_killed(run, tmp_path):
    def kill_one(number):
        time.sleep(number / 4)
        run.end()

    def count(number):
        time.sleep(number / 50)
        return run.warm(marks_its_beginning(tmp_path / f"begun{number}", "time.sleep(.05)"))

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        killers = [pool.submit(kill_one, number) for number in range(4)]
        results = list(pool.map(count, range(50)))
    assert not [killer.result() for killer in killers if killer.exception()]
    assert results == [(0, b"done\n", b"")] * 50
    assert [(tmp_path / f"begun{number}").read_text() for number in range(50)] == ["x"] * 50


IMPORTS_AN_ARCHIVE = """
import resource, sys
sys.path.insert(0, {archive!r})
{before}
import packed
print(packed.f(), packed.f.__code__.co_filename)
"""


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as writer:
        writer.writestr(
            "packed.py", "def f():\n    return 1\n" + "# long\n" * 1000 + "values = " + repr(list(range(9999)))
        )
    return str(tmp_path / "packed.zip")


def cached(run):
    return [path for path in (run.folder / "cache").rglob("*") if path.is_file()]


def test_a_full_disk_leaves_nothing_half_written(run, archive):
    """A limit on the size of files ends a write as a full disk does."""
    program = IMPORTS_AN_ARCHIVE.format(
        archive=archive, before="resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))"
    )
    for _time in range(2):
        assert run.warm(program) == run.local(program)
        assert cached(run) == []


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, "cut", "flipped"])
def test_a_damaged_cache_is_made_anew(new_run, archive, tmp_path, content):
    cache = {"ansible_warm_cache_dir": str(tmp_path / "cache")}
    program = IMPORTS_AN_ARCHIVE.format(archive=archive, before="")
    first, second = new_run(**cache), new_run(**cache)
    expected = first.warm(program)
    (file,) = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    whole = file.read_bytes()
    damaged = {"cut": whole[:-9], "flipped": whole[:50] + bytes([whole[50] ^ 1]) + whole[51:]}
    file.write_bytes(damaged.get(content, content))
    assert second.warm(program) == expected
    assert file.read_bytes() == whole


@pytest.mark.parametrize("kind", ["a file", "open to others"])
def test_a_cache_that_is_not_private_is_not_used(run, archive, kind):
    folder = run.folder / "cache"
    if kind == "a file":
        folder.touch()
    else:
        folder.mkdir()
        folder.chmod(0o777)
    program = IMPORTS_AN_ARCHIVE.format(archive=archive, before="")
    for _time in range(2):
        assert run.warm(program) == run.local(program)
    assert [path for path in cached(run) if path != folder] == []


def test_a_cache_that_has_grown_too_large_is_cut_down(new_run, archive, tmp_path, until):
    folder = tmp_path / "cache"
    old, new = folder / "cpython-311" / "old", folder / "cpython-311" / "new"
    old.parent.mkdir(parents=True)
    for file, size in ((old, 900_000), (new, 300_000)):
        file.write_bytes(b"x" * size)
    os.utime(old, (1, 1))
    new_run(ansible_warm_cache_dir=str(folder), ansible_warm_cache_megabytes=1).warm("pass")
    assert not old.exists() and new.exists()


def test_nobody_else_can_reach_the_server(run):
    run.warm("pass")
    (socket,) = run.folder.glob("warm-????????????????")
    assert stat.S_ISSOCK(socket.stat().st_mode)
    assert not run.folder.stat().st_mode & 0o077


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_is_refused_by_the_server_itself(run):
    run.warm("pass")
    (socket,) = run.folder.glob("warm-????????????????")
    script = f"""
import os, socket
folder = os.open({str(run.folder)!r}, os.O_PATH)
os.setuid(65534)
connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
connection.connect(f"/proc/self/fd/{{folder}}/{socket.name}")
print(connection.recv(9))
"""
    socket.chmod(0o777)
    run.folder.chmod(0o711)
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert asked.stdout == "b''\n", asked.stderr


def test_switched_off_it_is_local(new_run):
    run = new_run(ansible_warm_enabled=False)
    assert run.warm("print(1)") == (0, b"1\n", b"")
    assert not run.servers()


def test_where_forking_is_not_safe_it_is_local(run, monkeypatch, warnings):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert run.warm("print(1)") == (0, b"1\n", b"")
    assert not run.servers()
    assert "it needs Linux" in warnings()[0]


def test_a_folder_of_any_depth_serves(new_run):
    run = new_run()
    run.folder = run.folder / ("deep" * 20) / ("deeper" * 20)
    run.folder.mkdir(parents=True)
    assert run.warm(SHOW_PARENTS)[1].split()[1] == str(run.servers()[0]).encode()
