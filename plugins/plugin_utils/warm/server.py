# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The warm interpreter: runs each module in a fork of itself.

The client (``client.py``) feeds this file to the modules' interpreter on standard input, as Ansible does with a module,
so that path, flags and streams are those that a module finds. It is therefore one file, of the standard library alone.

There are three kinds of process. The *server* never runs a module, has no threads, and keeps what modules share:
imported packages, compiled code, parsed service models. For each task it forks a *keeper*, which leads a session as
Ansible's worker would, tells the client how the module ended, and ends the module when the worker is gone. The keeper
forks the *module*. So a server that dies takes no task with it.

Messages are packets on a Unix socket: ``run`` with four descriptors (a file with the request, standard output, standard
error, the working directory), answered by ``ready`` or by ``cold <reason>``; ``go``, answered by the exit status,
negative for a signal. After ``go`` the client never runs the module another way. ``leave`` means that the client does
not wait any more, and that the module goes on.
"""

from __future__ import annotations

import _imp
import atexit
import builtins
import contextlib
import gc
import hashlib
import importlib
import importlib.machinery
import importlib.util
import json
import marshal
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import threading
import time
import types
import zipimport
import zlib

# What Python, its libraries and the C library read once, as they start: a task that changes one of these runs cold.
STARTUP_VARIABLES = ("HOME", "LANG", "LANGUAGE", "UNIXCONFDIR", "UNIXUSRLIBDIR")
STARTUP_PREFIXES = ("PYTHON", "LC_", "LD_", "MALLOC_", "GLIBC_", "OPENSSL_")
LEARN_FD = 3


class CodeCache:
    """Compiled code by the hash of its source: in memory for this run, in a private directory for later ones.

    A file holds the SHA-256 of the marshalled code, then the code. Files appear whole, by renaming, so that writers do
    not disturb each other. Whatever goes wrong with the directory, code is compiled as it is without one.
    """

    def __init__(self, directory, limit):
        tag = sys.implementation.cache_tag + "-" + importlib.util.MAGIC_NUMBER.hex() + "-" + str(sys.flags.optimize)
        self.root = directory
        self.directory = os.path.join(directory, tag)
        self.limit = limit
        self.loaded = {}
        self.served = {}
        self.sources = {}
        self.missed = []
        self.compile_source = zipimport._compile_source

    def install(self):
        """Serves the imports from zip archives, which is what Ansible's modules come in."""
        zipimport._compile_source = self.compile

    def compile(self, path, source):
        """Answers what ``zipimport`` would have compiled."""
        # zipimport asks twice for each module: for its file name, and for its code.
        code = self.served.get(path)
        if code is None:
            key = hashlib.sha256(source).hexdigest()
            # A code object holds its file's name, so it serves one file, however many have the same source.
            code = self.loaded.pop(key, None)
            if code is None:
                self.missed.append(key)
                code = self.read(key)
            if code is None:
                code = self.compile_source(path, source)
                self.write(key, code)
            else:
                _imp._fix_co_filename(code, path)
            self.served[path] = code
            self.sources[path] = (key, zlib.crc32(source), len(source))
        return code

    def read(self, key):
        try:
            with open(os.path.join(self.directory, key), "rb") as file:
                stored = file.read()
            if hashlib.sha256(stored[32:]).digest() == stored[:32]:
                return marshal.loads(stored[32:])
        except (OSError, EOFError, ValueError, TypeError):
            pass
        return None

    def write(self, key, code):
        if not is_private(self.root, self.directory):
            return
        data = marshal.dumps(code)
        path = os.path.join(self.directory, key)
        part = path + "." + str(os.getpid())
        try:
            with open(part, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            os.replace(part, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(part)

    def learn(self, key):
        """Loads code that a module had to look for, so that the next one finds it in memory."""
        if key not in self.loaded and is_private(self.root, self.directory):
            code = self.read(key)
            if code is not None:
                self.loaded[key] = code
                os.utime(os.path.join(self.directory, key))

    def prune(self):
        """Removes what was used longest ago, down to half of the limit, when the cache has grown over it."""
        files = []
        for folder, _folders, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    status = os.stat(path)
                    files.append((status.st_mtime, status.st_size, path))
        size = sum(entry[1] for entry in files)
        if size <= self.limit:
            return
        for _used, length, path in sorted(files):
            if size <= self.limit / 2:
                break
            with contextlib.suppress(OSError):
                os.unlink(path)
                size -= length


def is_private(root, directory):
    """Makes a cache and a folder in it. Answers whether that went well and nobody else may write there."""
    try:
        os.makedirs(root, mode=0o700, exist_ok=True)
        os.makedirs(directory, mode=0o700, exist_ok=True)
        return all(
            status.st_uid == os.geteuid() and not status.st_mode & 0o022
            for status in (os.stat(root), os.stat(directory))
        )
    except OSError:
        return False


class ModelCache:
    """What botocore reads from its data files: parsed (valid while a file is the same), and the list of its services.

    Clients in one process have always shared these, and nothing changes them once they are read.
    """

    def __init__(self):
        self.packages = tuple(os.path.join(folder, "") for folder in sys.path if folder)
        self.parsed = {}
        self.services = {}
        self.missed = []

    def install(self):
        loaders = sys.modules.get("botocore.loaders")
        if loaders is None:
            return
        self.loader = loaders.Loader
        self.load = loaders.JSONFileLoader._load_file
        self.list_services = loaders.Loader.list_available_services

        # Methods of the loaders' classes, which get the loader first: bound methods of ours would not.
        def load_file(loader, *arguments):
            return self.get_file(loader, *arguments)

        def list_services(loader, type_name):
            return self.get_services(loader, type_name)

        loaders.JSONFileLoader._load_file = load_file
        loaders.Loader.list_available_services = list_services

    def get_file(self, loader, path, open_method):
        try:
            status = os.stat(path)
        except OSError:
            return self.load(loader, path, open_method)
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self.parsed.get(path)
        if known is None or known[0] != stamp:
            known = self.parsed[path] = (stamp, self.load(loader, path, open_method))
            self.missed.append(("file", path))
        return known[1]

    def get_services(self, loader, type_name):
        # Only what is installed with a package is sure to stay as it is for the life of this server.
        folders = tuple(folder for folder in loader.search_paths if os.path.isdir(folder))
        if not all(folder.startswith(self.packages) for folder in folders):
            return self.list_services(loader, type_name)
        if (folders, type_name) not in self.services:
            self.services[folders, type_name] = self.list_services(loader, type_name)
            self.missed.append(("services", (folders, type_name)))
        return self.services[folders, type_name]

    def learn(self, lesson):
        kind, name = lesson
        with contextlib.suppress(Exception):
            if kind == "services":
                folders, type_name = name
                self.get_services(self.loader(list(folders), include_default_search_paths=False), type_name)
                return
            data = self.loader().file_loader.load_file(name[: name.rindex(".json")])
            for operation in data.get("operations", ()):
                # botocore remembers the Python name of each.
                sys.modules["botocore"].xform_name(operation)


class HookMemory:
    """What botocore works out anew for every session: the present names of events, and which handlers take any keyword.

    A session registers more than a hundred handlers. Both answers depend on nothing but what is asked.
    """

    def __init__(self):
        self.names = {}
        self.takes_keywords = {}

    def install(self):
        hooks = sys.modules.get("botocore.hooks")
        if hooks is None:
            return
        self.look = hooks.accepts_kwargs
        initialize = hooks.EventAliaser.__init__

        def initialize_with_names(aliaser, emitter, event_aliases=None):
            initialize(aliaser, emitter, event_aliases)
            if event_aliases is None:
                aliaser._alias_name_cache = self.names

        hooks.EventAliaser.__init__ = initialize_with_names
        hooks.accepts_kwargs = self.accepts_kwargs
        with contextlib.suppress(Exception):
            # Fills this memory for all modules.
            sys.modules["botocore.session"].Session()

    def accepts_kwargs(self, function):
        if not isinstance(function, types.FunctionType):
            return self.look(function)
        if function not in self.takes_keywords:
            self.takes_keywords[function] = self.look(function)
        return self.takes_keywords[function]


class CallCount:
    """How many requests a module sends to AWS, those that are repeated included."""

    def __init__(self):
        self.calls = 0

    def install(self):
        session = sys.modules.get("botocore.httpsession")
        if session is None:
            return
        send = session.URLLib3Session.send

        def counted_send(http_session, request):
            self.calls += 1
            return send(http_session, request)

        session.URLLib3Session.send = counted_send

    def report(self, path, task):
        """Adds a line to a file, in one write, so that modules that end at once do not disturb each other."""
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.write(file, f"{task} {self.calls}\n".encode())
            os.close(file)


class Unlearnable(BaseException):
    """A module cannot be executed for all payloads at once."""


class Library:
    """Ansible's and the AWS collections' module_utils, executed once in the server.

    A finder and loader of imports: here of the sources that payloads have brought.

    :ivar sources: for each name, the key of its source, its CRC-32 and size, and whether it is a package
    :ivar modules: those that are executed, and the packages above them
    :ivar compiled: their code
    :ivar imports: for each name, what it imports in turn
    """

    ROOTS = (
        "ansible.module_utils.",
        "ansible_collections.amazon.aws.plugins.module_utils.",
        "ansible_collections.community.aws.plugins.module_utils.",
        "ansible_collections.wellarchitected.aws.plugins.module_utils.",
    )
    # Stands for the path of a payload, which each task has its own of.
    ARCHIVE = "/payload-of-no-task.zip"
    LOCATED = frozenset(("__file__", "__path__", "__spec__", "__loader__", "__cached__"))

    def __init__(self, code):
        self.code = code
        self.sources = {}
        self.modules = {}
        self.compiled = {}
        self.imports = {}

    def learn(self, lesson):
        """Executes a module and what it imports, and takes them out of ``sys.modules`` again."""
        name, *source = lesson
        if name in self.modules or self.sources.get(name) != source:
            return
        sys.modules.update(self.modules)
        sys.meta_path.insert(0, self)
        self.original_import = builtins.__import__
        builtins.__import__ = self.noting_import
        try:
            importlib.import_module(name)
        except (Exception, Unlearnable):
            del self.sources[name]
        finally:
            builtins.__import__ = self.original_import
            sys.meta_path.remove(self)
            for loaded in list(sys.modules):
                if loaded.split(".")[0] in ("ansible", "ansible_collections"):
                    self.modules[loaded] = sys.modules.pop(loaded)

    def noting_import(self, name, variables=None, local_variables=None, fromlist=(), level=0):
        importer = (variables or {}).get("__name__")
        if importer in self.sources:
            full = importlib.util.resolve_name("." * level + name, variables["__package__"]) if level else name
            for imported in (full, *(full + "." + part for part in fromlist or ())):
                if imported in self.sources:
                    self.imports.setdefault(importer, {})[imported] = None
        return self.original_import(name, variables, local_variables, fromlist, level)

    def find_spec(self, name, path=None, target=None):
        is_package = name in self.sources and self.sources[name][3]
        if name not in self.sources:
            is_package = any(root.startswith(name + ".") for root in self.ROOTS)
            if not is_package:
                if name.startswith(("ansible.", "ansible_collections.")):
                    raise Unlearnable(name)
                return None
        spec = importlib.machinery.ModuleSpec(name, self, is_package=is_package)
        spec.origin = os.path.join(self.ARCHIVE, name.replace(".", os.sep)) + ("/__init__.py" if is_package else ".py")
        spec.has_location = True
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        if name not in self.sources:
            return
        code = self.compiled[name] = self.code.read(self.sources[name][0])
        if code is None:
            raise Unlearnable(name)
        exec(code, module.__dict__)
        if self.is_located(name):
            if any(isinstance(value, type) and value.__module__ == name for value in module.__dict__.values()):
                raise Unlearnable(name)
        elif any(
            isinstance(value, (str, os.PathLike)) and self.ARCHIVE in str(value)
            for key, value in module.__dict__.items()
            if not key.startswith("__")
        ):
            raise Unlearnable(name)

    def is_located(self, name):
        """Whether a module looks, as it is executed, at where it lies."""
        return not self.LOCATED.isdisjoint(self.compiled[name].co_names)


class Loan:
    """What a library lends to one payload: those of its modules that are the same in it, with all that they import."""

    def __init__(self, library):
        self.library = library
        self.files = None

    def open(self):
        """Where the payload has the modules of the library, by their names; nothing if one of them is another."""
        archive = sys.path_importer_cache.get(sys.path[0])
        if not isinstance(archive, zipimport.zipimporter):
            return {}
        brought = zipimport._zip_directory_cache.get(archive.archive, {})
        files = {}
        for name in self.library.modules.keys() & self.library.sources.keys():
            _key, crc, size, is_package = self.library.sources[name]
            path = name.replace(".", os.sep)
            own, other = path + ".py", os.path.join(path, "__init__.py")
            if is_package:
                own, other = other, own
            entry = brought.get(own)
            if other in brought or (entry and (entry[7], entry[3]) != (crc, size)):
                return {}
            if entry:
                files[name] = entry[0]
        while lacking := [name for name in files if not files.keys() >= self.library.imports.get(name, {}).keys()]:
            for name in lacking:
                del files[name]
        return files

    def find_spec(self, name, path=None, target=None):
        # A module that puts another in its place, as Ansible's `distro` does, is left to do so.
        if name not in self.library.sources or getattr(self.library.modules.get(name), "__name__", None) != name:
            return None
        if self.files is None:
            self.files = self.open()
        if name not in self.files:
            return None
        spec = importlib.machinery.ModuleSpec(
            name, self, origin=self.files[name], is_package=self.library.sources[name][3]
        )
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(os.path.dirname(spec.origin))
        return spec

    def create_module(self, spec):
        return self.library.modules[spec.name]

    def exec_module(self, module):
        """Makes the module what it would be if it had been loaded from the payload."""
        spec = module.__spec__
        own = os.path.dirname(spec.origin)
        spec.loader = module.__loader__ = pkgutil.get_importer(
            own if spec.submodule_search_locations is None else os.path.dirname(own)
        )
        module.__file__ = spec.origin
        module.__cached__ = spec.cached
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
            self.forget_submodules(module)
        code = self.library.compiled[spec.name]
        _imp._fix_co_filename(code, spec.origin)
        for name in self.library.imports.get(spec.name, ()):
            importlib.import_module(name)
        if self.library.is_located(spec.name):
            self.relocate(module, code)

    def forget_submodules(self, package):
        """A package knows those of its modules that have been imported, and none of them has been yet."""
        for name, value in list(package.__dict__.items()):
            if isinstance(value, types.ModuleType) and value is self.library.modules.get(package.__name__ + "." + name):
                del package.__dict__[name]

    def relocate(self, module, code):
        """Gives the module those of its values that depend on where it lies."""
        anew = {name: value for name, value in module.__dict__.items() if name.startswith("__")}
        exec(code, anew)
        for name, value in anew.items():
            if not isinstance(value, types.FunctionType) and value != module.__dict__.get(name):
                module.__dict__[name] = value


def packages_stamp(path):
    """When the folders that packages are installed in were last changed."""
    stamp = []
    for folder in path:
        try:
            stamp.append(os.stat(folder).st_mtime_ns)
        except OSError:
            stamp.append(None)
    return stamp


class Server:
    """Listens until its owner is gone, nothing has come for a while, or the installed packages have changed.

    :param listener: the listening socket
    :param owner: a pidfd of the ``ansible-playbook`` process
    :param settings: ``idle`` (seconds), ``cache`` (folder), ``cache_size`` (bytes), ``preload`` (module names),
        ``added`` (what the shell adds to the environment of its commands), ``environment`` (what this process was
        started with)
    """

    def __init__(self, listener, owner, settings):
        self.listener = listener
        self.owner = owner
        self.settings = settings
        self.learner, self.teller = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.teller.setblocking(False)
        self.code = CodeCache(settings["cache"], settings["cache_size"])
        self.models = ModelCache()
        self.library = Library(self.code)
        self.count = CallCount()
        self.to_learn = []
        own = sys.modules["__main__"].__dict__
        self.main = {name: own[name] for name in MAIN_NAMES if name in own}
        self.added = dict(settings["added"])
        # What Python itself sets as it starts, such as LC_CTYPE.
        for name, value in os.environ.items():
            if settings["environment"].get(name) != value:
                self.added[name] = value

    def warm_up(self):
        script_folder = sys.path.pop(0)
        self.path = list(sys.path)
        self.stamp = packages_stamp(self.path)
        for name in self.settings["preload"]:
            # A package that is missing, or fails, is the module's business: it meets it in its own process.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        sys.path.insert(0, script_folder)
        self.code.install()
        self.models.install()
        HookMemory().install()
        self.count.install()
        if len(os.listdir("/proc/self/task")) > 1:
            print("one of the modules in warm_preload starts a thread, which a fork would lose", file=sys.stderr)
            os._exit(1)
        self.code.prune()

    def serve(self):
        """Answers in a module's process, with the program to run and where to report; a server or keeper ends here."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.warm_up()
        poll = select.poll()
        for fd in (self.listener.fileno(), self.owner, self.learner.fileno()):
            poll.register(fd, select.POLLIN)
        while True:
            ready = {fd for fd, _event in poll.poll(0 if self.to_learn else self.settings["idle"] * 1000)}
            if self.owner in ready:
                os._exit(0)
            elif self.listener.fileno() in ready:
                task = self.accept()
                if task is not None:
                    return task
            elif self.learner.fileno() in ready:
                lessons = json.loads(self.learner.recv(1 << 20))
                for kind, lesson in lessons:
                    if kind == "library":
                        self.library.sources.setdefault(lesson[0], lesson[1:])
                self.to_learn += lessons
            elif self.to_learn:
                kind, lesson = self.to_learn.pop()
                {"code": self.code, "model": self.models, "library": self.library}[kind].learn(lesson)
            else:
                os._exit(0)

    def accept(self):
        connection, _address = self.listener.accept()
        _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if packages_stamp(self.path) != self.stamp:
            os._exit(0)
        if uid == os.geteuid():
            # Nothing that is here by now is garbage to a fork, and looking through it would copy it.
            gc.freeze()
            if os.fork() == 0:
                return Keeper(self, connection).run()
        connection.close()
        return None


class Keeper:
    """One task: from the client's request to the end of its module."""

    def __init__(self, server, connection):
        self.server = server
        self.connection = connection

    def run(self):
        """Answers in the module's process, with the program and where to report; the keeper ends here."""
        try:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.server.listener.close()
            _message, (request, *streams, folder), _flags, _address = socket.recv_fds(self.connection, 16, 4)
            with open(request, "rb") as file:
                head = json.loads(file.readline())
                program = file.read()
            os.fchdir(folder)
            environment = self.environment(head)
            reason = self.refusal(environment)
            if reason:
                self.connection.send(b"cold " + reason.encode())
                os._exit(0)
            self.connection.send(b"ready")
            if self.connection.recv(16) != b"go":
                os._exit(0)
            wake, waker = os.pipe()
            os.set_blocking(waker, False)
            module = os.fork()
        except OSError:
            # The client is gone, or there can be no more processes. The module has not begun.
            os._exit(1)
        if module == 0:
            become_module(self.server, streams, environment, head["umask"])
            return program, head["report"]
        for fd in (*streams, folder):
            os.close(fd)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_arguments: None)
        self.keep(module, wake)

    def environment(self, head):
        """What the module would have got through the shell."""
        environment = {**head["environment"], **self.server.added}
        folder = environment.get("PWD", "")
        if not (os.path.isabs(folder) and os.path.isdir(folder) and os.path.samefile(folder, ".")):
            environment["PWD"] = os.getcwd()
        return {**environment, **head["assignments"]}

    def refusal(self, environment):
        """Why this interpreter is not what the task asks for, or None."""
        for name in sorted(environment.keys() | os.environ.keys()):
            matters = name in STARTUP_VARIABLES or name.startswith(STARTUP_PREFIXES)
            if matters and environment.get(name) != os.environ.get(name):
                return name + " is set for this task"
        return None

    def keep(self, module, wake):
        watched = [self.connection, wake]
        while True:
            pid, status = os.waitpid(module, os.WNOHANG)
            if pid:
                break
            if self.connection in select.select(watched, [], [])[0]:
                watched.remove(self.connection)
                if self.connection.recv(16) != b"leave":
                    # The worker was ended, and would have taken its process group with it.
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    os.killpg(0, signal.SIGTERM)
        with contextlib.suppress(OSError):
            self.connection.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)


def become_module(server, streams, environment, umask):
    """Makes this process what a new interpreter would be for the module."""
    stdin, nothing = os.pipe()
    os.close(nothing)
    for number, fd in enumerate((stdin, *streams)):
        os.dup2(fd, number)
    os.dup2(server.teller.fileno(), LEARN_FD, inheritable=False)
    server.teller.detach()
    server.teller = socket.socket(fileno=LEARN_FD)
    os.closerange(LEARN_FD + 1, os.sysconf("SC_OPEN_MAX"))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.umask(umask)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    time.tzset()
    importlib.invalidate_caches()


# What a module finds in its namespace before it begins; not the documentation of this file.
MAIN_NAMES = (
    "__name__", "__package__", "__loader__", "__spec__", "__annotations__", "__builtins__", "__file__",
    "__cached__",
)  # fmt: skip


def run_module(server, program, report):
    """Runs a program as an interpreter runs its standard input, and ends this process as the interpreter would.

    :param report: the file to write to how many requests it sent to AWS, and what to call the task there
    """
    main = types.ModuleType("__main__")
    main.__dict__.update(server.main)
    sys.modules["__main__"] = main
    sys.meta_path.insert(0, Loan(server.library))
    status = 0
    try:
        exec(compile(program, "<stdin>", "exec", dont_inherit=True), main.__dict__)
    except SystemExit as end:
        status = exit_status(end.code)
    except BaseException as error:
        status = print_error(error)
    with contextlib.suppress(BaseException):
        threading._shutdown()
    atexit._run_exitfuncs()
    tell(server)
    server.count.report(*report)
    # What deletes itself when nobody holds it any more, such as a temporary file, does.
    main.__dict__.clear()
    gc.collect()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        # The interpreter has words, and a status, of its own for output that goes nowhere.
        sys.exit(status)
    if status == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(status & 0xFF)


def exit_status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def print_error(error):
    """Prints an error that nobody caught as the interpreter does: without the frames of this file."""
    own_frame = error.__traceback__
    sys.excepthook(type(error), error.with_traceback(own_frame.tb_next), own_frame.tb_next)
    return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1


def tell(server):
    """Lets the server learn what this module had to do itself."""
    lessons = [("code", key) for key in server.code.missed] + [("model", model) for model in server.models.missed]
    for path, source in server.code.sources.items():
        _archive, _zip, inside = path.partition(".zip" + os.sep)
        name = inside.removesuffix(".py").removesuffix(os.sep + "__init__").replace(os.sep, ".")
        if name.startswith(Library.ROOTS):
            lessons.append(("library", (name, *source, inside.endswith("__init__.py"))))
    if lessons:
        with contextlib.suppress(OSError):
            server.teller.send(json.dumps(lessons).encode())


def main(listener, owner, settings):
    # The modules' interpreter need not be Ansible's.
    if sys.version_info < (3, 12):  # noqa: UP036
        sys.exit(f"it needs Python 3.12 or newer, and {sys.executable} is {sys.version.split()[0]}")
    server = Server(socket.socket(fileno=listener), owner, settings)
    run_module(server, *server.serve())
