# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A program behaves warm as it does with ansible.builtin.local, whatever it does."""

from __future__ import annotations

import os
import re
import signal
import zipfile

import pytest

IMPORTS = """
import atexit, gc, locale, logging, os, pickle, resource, signal, subprocess, sys, tempfile, threading, time, warnings
"""
PROGRAMS = {
    "prints": "print('out')",
    "prints on both streams": "print('out'); print('err', file=sys.stderr)",
    "prints nothing": "pass",
    "exits with a number": "print('x'); sys.exit(7)",
    "exits with a large number": "sys.exit(1000)",
    "exits with a negative number": "sys.exit(-1)",
    "exits with a sentence": "sys.exit('a sentence')",
    "exits with nothing": "sys.exit()",
    "exits with true": "sys.exit(True)",
    "exits hard": "os.write(1, b'x'); os._exit(9)",
    "raises": "def f():\n    raise ValueError('no')\nf()",
    "raises in a chain": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('a') from e",
    "does not compile": "print('a'\nx = = 2",
    "is interrupted": "raise KeyboardInterrupt",
    "has a hook for errors": "sys.excepthook = lambda *a: print('hook', a[0].__name__); 1 / 0",
    "fails in its last words": "atexit.register(lambda: 1 / 0); print('x')",
    "prints garbage": "os.write(1, bytes(range(256)) * 50); os.write(2, b'\\xff\\xfe\\x00')",
    "prints unicode": "print('äöü 日本語 \\U0001f600 \\x00')",
    "prints a lone surrogate": "print('\\ud800')",
    "prints 10 MB": "sys.stdout.write('0123456789' * 1048576); sys.stderr.write('e' * 3000000)",
    "reads its input": "print(repr(sys.stdin.read()), sys.stdin.isatty())",
    "closes its output": "print('x', flush=True); os.close(1); sys.exit(3)",
    "prints to a closed output": "os.close(1); print('x')",
    "speaks as it ends": "atexit.register(print, 'last'); print('first')",
    "waits for its threads": "threading.Thread(target=lambda: (time.sleep(.2), print('t'))).start()",
    "leaves a daemon thread": "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    "leaves an executor": "import concurrent.futures as c; c.ThreadPoolExecutor().submit(print, 'late')",
    "starts processes": "print(subprocess.run('echo a; exit 3', shell=True, capture_output=True))",
    "forks": "p = os.fork(); p and os.waitpid(p, 0); print('parent' if p else 'child')",
    "uses multiprocessing": "import multiprocessing as m\nwith m.Pool(1) as pool: print(pool.map(abs, [-1, -2]))",
    "leaves a process behind": "import os, time\nif os.fork() == 0: time.sleep(.3); print('later')\nelse: print('now')",
    "becomes a session leader": "os.setsid(); print(os.getsid(0) == os.getpid())",
    "is no group leader": "print(os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid())",
    "lists its globals": "print({k: v for k, v in globals().items() if k != '__builtins__'}, type(__builtins__))",
    "is main": "import __main__; print(__main__.__dict__ is globals(), __name__, sys.modules['__main__'] is __main__)",
    "imports main": "import inspect\ndef f(): pass\nprint(f.__module__, inspect.getmodule(f))",
    "pickles": "import pickle\nclass A: pass\nprint(pickle.dumps(A()), type(pickle.loads(pickle.dumps(A()))))",
    "shows its command line": "print(sys.argv, sys.orig_argv, sys.path, sys.executable, sys.prefix)",
    "shows its flags": "print(sys.flags, sys.warnoptions, sys._xoptions, sys.getrecursionlimit())",
    "shows its streams": "print(sys.stdin, sys.stdout, sys.stderr, sys.stdout.line_buffering, sys.stderr.errors)",
    "shows its environment": "print(sorted((k, v) for k, v in os.environ.items() if k != '_'))",
    "gives its environment on": "print(sorted(subprocess.check_output('env').split(b'\\n')))",
    "shows where it is": "print(os.getcwd(), oct(os.umask(0)))",
    "shows its limits": "print([resource.getrlimit(number) for number in range(10)])",
    "shows its signals": "print([signal.getsignal(n) for n in signal.valid_signals()], signal.pthread_sigmask(0, ()))",
    "has open files to give on": "print([f for f in range(99) if os.path.exists(f) and os.get_inheritable(f)])",
    "gives no files on": "print(subprocess.check_output('ls /proc/self/fd', shell=True, close_fds=False))",
    "shows its threads": "print(threading.main_thread() is threading.current_thread(), threading.active_count())",
    "shows its collector": "print(gc.isenabled(), gc.get_threshold())",
    "shows its priority": "print(os.nice(0), os.sched_getaffinity(0))",
    "shows its locale": "print(locale.getlocale(), sys.getfilesystemencoding(), locale.setlocale(0))",
    "uses temporary files": "f = tempfile.NamedTemporaryFile(); print(tempfile.gettempdir())",
    "warns": "warnings.warn('careful'); warnings.warn('old', DeprecationWarning)",
    "has a destructor": "class A:\n    def __del__(self): print('gone')\na = A()",
    "has a destructor in a cycle": "class A:\n    def __del__(self): print('gone')\na = A(); a.a = a; del a",
    "logs": "logging.warning('careful'); logging.getLogger('a').error('b')",
    "leaves an error unhandled in a thread": "threading.Thread(target=lambda: 1 / 0, name='t').start()",
    "recurses without end": "def f(): f()\ntry: f()\nexcept RecursionError as e: print(e)",
    **{
        f"is killed by signal {number}": f"os.write(1, b'x'); os.kill(os.getpid(), {number})"
        for number in (1, 2, 3, 6, 9, 11, 13, 14, 15)
    },
    "kills itself after it ignored a signal": "import signal as s; s.signal(15, s.SIG_IGN); os.kill(os.getpid(), 15)",
}


def comparable(result):
    """Leaves out what differs from process to process."""
    status, stdout, stderr = result
    volatile = rb"0x[0-9a-f]{8,}|Thread-\d+|(?<=\()\d+(?=\))"
    return status, re.sub(volatile, b"*", stdout), re.sub(volatile, b"*", stderr)


@pytest.mark.parametrize("what", PROGRAMS)
def test_program(shared_run, what):
    program = IMPORTS + PROGRAMS[what]
    assert comparable(shared_run.warm(program)) == comparable(shared_run.local(program))


def test_an_interruption_is_told_to_who_ignores_interruptions(shared_run):
    """As does what a shell without a terminal runs in the background."""
    program = PROGRAMS["is interrupted"]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert comparable(shared_run.warm(program)) == comparable(shared_run.local(program))
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_table_ran_warm(shared_run):
    _status, parents, _errors = shared_run.warm("import os; print(os.getsid(0) in (os.getpid(), os.getppid()))")
    assert parents == b"True\n"
    assert len(shared_run.servers()) == 1
    assert not list(shared_run.folder.glob("*.off"))


@pytest.mark.parametrize(
    "environment",
    ["A=1 ", "A='b c' B=\"'\" ", "A= ", "TZ=Asia/Tokyo ", "PATH=/bin:/usr/bin ", "PWD=/nowhere ", "LC_ALL=C ",
     "PYTHONPATH=/somewhere ", "HOME=/ ", "LANG=C PYTHONUTF8=0 "],
)  # fmt: skip
def test_environment_of_a_task(shared_run, environment):
    program = """
import os, sys, time
print(sorted((k, v) for k, v in os.environ.items() if k != "_"), time.tzname, sys.path, sys.stdout.encoding)
"""
    assert shared_run.warm(program, environment=environment) == shared_run.local(program, environment=environment)


def test_working_directory_umask_and_environment_are_those_of_the_moment(shared_run, tmp_path, monkeypatch):
    program = "import os; print(os.getcwd(), os.environ.get('A'), os.environ.get('PWD'), oct(os.umask(0)))"
    shared_run.warm(program)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("A", "changed")
    monkeypatch.setenv("PWD", str(tmp_path.parent))
    before = os.umask(0o027)
    try:
        assert shared_run.warm(program) == shared_run.local(program)
    finally:
        os.umask(before)


def test_modules_from_an_archive(shared_run, tmp_path):
    """What Ansible's wrapper does: also the names in tracebacks, where two files have the same source."""
    archive = tmp_path / "modules.zip"
    same = "def f():\n    raise ValueError(__name__)\n"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("package/__init__.py", "")
        for name in ("package/one.py", "package/two.py"):
            writer.writestr(name, same)
    program = f"""
import sys, traceback
sys.path.insert(0, {str(archive)!r})
from package import one, two
for module in one, two:
    print(module, module.__file__, module.__loader__, module.__spec__, module.f.__code__.co_filename)
    try:
        module.f()
    except ValueError:
        traceback.print_exc()
"""
    expected = comparable(shared_run.local(program))
    for _time in ("compiled", "from the cache", "from memory"):
        assert comparable(shared_run.warm(program)) == expected
    assert f"{archive}/package/two.py" in expected[1].decode()


def test_what_is_printed_while_a_task_runs_arrives_whole(shared_run):
    program = (
        "import os, time\nfor _ in range(50):\n    os.write(1, b'o' * 5000); os.write(2, b'e' * 5000); time.sleep(.002)"
    )
    assert shared_run.warm(program) == (0, b"o" * 250_000, b"e" * 250_000)


def test_nothing_leaks_from_one_task_to_the_next(shared_run):
    shared_run.warm(
        "import sys, os, builtins, json; json.x = builtins.x = sys.x = 1; os.environ['X'] = '1'; os.umask(0)"
    )
    program = (
        "import sys, os, builtins, json; print([hasattr(m, 'x') for m in (json, builtins, sys)], os.environ.get('X'))"
    )
    assert shared_run.warm(program) == shared_run.local(program)
