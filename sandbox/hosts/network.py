# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The network of the machines: a namespace of its own, in which one bridge is all subnets and their router.

Nothing of it is seen from this computer's own network, and the machines reach nothing there but what is served here, at
the addresses that AWS has for it: the time at 169.254.169.123, names at .253, and metadata at .254. At .252 are two of
our own: all of AWS over TLS, where every name of amazonaws.com leads, and a proxy for the machines' apt.

Security groups and network ACLs are not enforced.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import ipaddress
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.hosts import images

_TIME, _NAMES, _METADATA = "169.254.169.123", "169.254.169.253", "169.254.169.254"
# One that nobody has registered.
_MAC = "02:00:00:00:00:01"
_PROXY, _, _PROXY_PORT = images.PROXY.partition(":")
# Between 1900 and 1970.
_NTP_EPOCH = 2208988800
# How long, in seconds, a list of packages is taken for new; a package never changes.
_FRESH = 600

Accept = Callable[[socket.socket, Any], None]


class Network:
    """The namespace, and those who serve there; it is gone with this process.

    ``accept`` answers a connection to AWS, and ``metadata`` one to the instance metadata.
    """

    def __init__(self, directory: Path, accept: Accept, metadata: type[http.server.BaseHTTPRequestHandler]):
        self._directory = directory
        self._accept = accept
        self._gateways: set[str] = set()
        sockets = _elsewhere(self._make)
        context = _tls(directory)
        self._serve(sockets["tls"], lambda connection, address: self._accept_tls(context, connection, address))
        self._serve_http(sockets["metadata"], metadata)
        self._serve_http(sockets["proxy"], _Proxy)
        _thread(_answer_time, sockets["time"])
        _thread(_answer_names, sockets["names"])

    def _make(self) -> dict[str, socket.socket]:
        os.unshare(os.CLONE_NEWNET)
        self._namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        # A bridge without an address of its own takes one of its machines', and another one when machines come and go:
        # the others would look for it at the old one for a while.
        for command in ("link set lo up", f"link add bridge address {_MAC} type bridge", "link set bridge up"):
            _ip(command)
        for address in (_TIME, _NAMES, _METADATA, _PROXY):
            _ip(f"address add {address}/32 dev bridge")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        return {
            "tls": _listening(_PROXY, 443),
            "proxy": _listening(_PROXY, int(_PROXY_PORT)),
            "metadata": _listening(_METADATA, 80),
            "time": _bound(_TIME, 123),
            "names": _bound(_NAMES, 53),
        }

    def connect(self, interface: str, address: str, subnet: str) -> tuple[list[list[str]], list[list[str]]]:
        """The commands that connect a machine, for `boot`: those beside its namespace, and those in it.

        The first ones are run by this process's children, with ``{pid}`` for a process of the machine.
        """
        network = ipaddress.ip_network(subnet)
        gateway = str(network[1])
        here = ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self._namespace}"]
        beside = (
            f"link add {interface} type veth peer name eth0 netns {{pid}}",
            f"link set {interface} master bridge up",
        )
        inside = (
            "link set lo up",
            "link set eth0 up",
            f"address add {address}/{network.prefixlen} dev eth0",
            f"route add default via {gateway}",
            "route add 169.254.0.0/16 dev eth0",
        )
        if gateway not in self._gateways:
            self._gateways.add(gateway)
            self.inside(lambda: _ip(f"address add {gateway}/{network.prefixlen} dev bridge"))
        return [[*here, "ip", *each.split()] for each in beside], [["ip", *each.split()] for each in inside]

    def inside(self, function: Callable[[], Any]) -> Any:
        """What a function answers that runs in this network."""
        return _elsewhere(function, self._namespace)

    def listen(self, process: int, port: int) -> socket.socket:
        """Answer as AWS at a port of a machine's loopback, where an endpoint of this computer's leads, too.

        The socket that is answered, until it is shut down.
        """
        namespace = os.open(f"/proc/{process}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            listening = _elsewhere(lambda: _listening("127.0.0.1", port), namespace)
        finally:
            os.close(namespace)
        self._serve(listening, self._accept)
        return listening

    def answers(self, address: str, port: int, timeout: float = 2) -> bool:
        """Whether somebody accepts connections at an address."""

        def connect() -> bool:
            try:
                socket.create_connection((address, port), timeout).close()
            except OSError:
                return False
            return True

        return self.inside(connect)

    def ask(self, address: str, port: int, path: str, timeout: float = 5) -> int:
        """The status of an answer over HTTP, or 0 when there is none."""

        def get() -> int:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            try:
                return opener.open(f"http://{address}:{port}{path}", timeout=timeout).status
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                return 0

        return self.inside(get)

    def _accept_tls(self, context: ssl.SSLContext, connection: socket.socket, address: Any) -> None:
        try:
            connection.settimeout(10)
            secured = context.wrap_socket(connection, server_side=True)
            secured.settimeout(None)
        except OSError:
            connection.close()
        else:
            self._accept(secured, address)

    def _serve(self, listening: socket.socket, accept: Accept) -> None:
        def loop() -> None:
            while True:
                try:
                    connection, address = listening.accept()
                except OSError:
                    return
                _thread(accept, connection, address)

        _thread(loop)

    def _serve_http(self, listening: socket.socket, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        server = http.server.ThreadingHTTPServer(listening.getsockname(), handler, bind_and_activate=False)
        server.socket.close()
        server.socket = listening
        _thread(server.serve_forever)


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Fetches what the machines' apt asks for, and keeps it on this computer."""

    def do_GET(self) -> None:
        if not self.path.startswith("http://"):
            self.send_error(400, "This is a proxy of HTTP")
            return
        kept = images.home() / "fetched" / hashlib.sha256(self.path.encode()).hexdigest()
        try:
            if not _is_fresh(kept, self.path):
                _fetch(self.path, kept)
            content = kept.open("rb")
        except urllib.error.HTTPError as error:
            self.send_error(error.code)
        except OSError as error:
            self.send_error(504, f"It cannot be fetched: {error}")
        else:
            with content:
                self.send_response(200)
                self.send_header("Content-Length", str(os.fstat(content.fileno()).st_size))
                self.end_headers()
                with contextlib.suppress(OSError):
                    shutil.copyfileobj(content, self.wfile)

    def log_message(self, *_: Any) -> None:
        pass


def _is_fresh(kept: Path, url: str) -> bool:
    try:
        age = time.time() - kept.stat().st_mtime
    except FileNotFoundError:
        return False
    return age < _FRESH or url.endswith(".deb") or "/by-hash/" in url


def _fetch(url: str, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (
        urllib.request.urlopen(url, timeout=60) as answer,
        tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file,
    ):
        shutil.copyfileobj(answer, file)
    os.replace(file.name, kept)


def _answer_time(bound: socket.socket) -> None:
    """The Network Time Protocol: https://www.rfc-editor.org/rfc/rfc5905"""
    while True:
        question, asker = bound.recvfrom(512)
        if len(question) < 48:
            continue
        now = struct.pack("!Q", int((time.time() + _NTP_EPOCH) * (1 << 32)))
        # No leap second, version 4, a server; stratum 4 as Amazon's; precise to a microsecond; no way to the root.
        answer = (
            struct.pack("!BBBbIII", 0x24, 4, question[2], -20, 0, 0, 0xA9FEA97A) + now + question[40:48] + now + now
        )
        bound.sendto(answer, asker)


def _answer_names(bound: socket.socket) -> None:
    """The names of AWS lead to the sandbox, and there are no others: https://www.rfc-editor.org/rfc/rfc1035"""
    while True:
        question, asker = bound.recvfrom(512)
        with contextlib.suppress(IndexError, struct.error, UnicodeDecodeError):
            bound.sendto(_named(question), asker)


def _named(question: bytes) -> bytes:
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode("ascii").lower())
        at += 1 + question[at]
    asked = question[12 : at + 5]
    (kind,) = struct.unpack("!H", question[at + 1 : at + 3])
    known = labels[-2:] in (["amazonaws", "com"], ["api", "aws"])
    answers = b""
    if known and kind == 1:
        answers = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(_PROXY)
    flags = 0x8180 if known else 0x8183
    return question[:2] + struct.pack("!HHHHH", flags, 1, bool(answers), 0, 0) + asked + answers


def _tls(directory: Path) -> ssl.SSLContext:
    """Each name gets a certificate of its own when it is asked for."""
    certificates = directory / "certificates"
    certificates.mkdir(parents=True, exist_ok=True)
    contexts: dict[str, ssl.SSLContext] = {}

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        name = name or "amazonaws.com"
        if name not in contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(images.certify(name, certificates))
            contexts[name] = context
        connection.context = contexts[name]

    common = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    common.load_cert_chain(images.certify("amazonaws.com", certificates))
    common.sni_callback = choose
    return common


def _elsewhere(function: Callable[[], Any], namespace: int | None = None) -> Any:
    """Run a function in a thread that may leave this computer's network, and ends with it."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            if namespace is not None:
                os.setns(namespace, os.CLONE_NEWNET)
            outcome.append(function())
        except BaseException as error:
            outcome.extend((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if len(outcome) > 1:
        raise outcome[1]
    return outcome[0]


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True)


def _listening(address: str, port: int) -> socket.socket:
    return socket.create_server((address, port), backlog=64)


def _bound(address: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind((address, port))
    return bound


def _thread(function: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=function, args=arguments, daemon=True).start()
