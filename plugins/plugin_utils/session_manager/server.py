# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The keeper of sessions: one process for a run, which starts sessions of Session Manager, and keeps them for tasks.

It is fed to Python on standard input by ``client.py``. A task asks for a session to a host by a packet on a Unix
socket, and gets the streams of its session-manager-plugin: those of a session that an earlier task gave back, if there
is one. It is the only process that has clients of AWS: they would otherwise be made in the process of every task.

The first packet of a connection says what is wanted: the host as ``target``, the ``document``, the ``bucket``, ``sse``
(what its objects are encrypted with, as PutObject takes it), and the ``options`` of clients. The others are requests,
in JSON with a key ``ask``. In an answer ``error`` says what went wrong.

``session``
    ``executable``: of the plugin; ``reuse``: whether a session that is kept will do.
    Answers ``id``, ``kept`` and the descriptors of standard input, terminal, standard error, and process.
``upload``, ``download``
    ``name``: of the object in the bucket; with the descriptor of a file. The first answers ``url``, where the host
    gets it.
``promise``
    ``name``; answers ``url``, to which the host uploads it.
``forget``
    ``name``; the object is deleted. It is not answered.
``keep``
    The session is given back. It is not answered.
``drop``
    No session of this kind is kept any longer.

A session whose task ends without a word is ended: nobody knows what goes on in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import threading
import time

# How long a shell that is told to exit may take, in seconds.
EXIT_SECONDS = 5
# How often it looks for sessions that have been idle for too long, in seconds.
CLEAN_SECONDS = 10
# The longest packet, in bytes.
LONGEST = 1 << 16
# How long a host may take until it begins to fetch or send a file, in seconds.
URL_SECONDS = 3600


class Session:
    """A running session-manager-plugin."""

    def __init__(self, client, executable, wanted):
        arguments = {"Target": wanted["target"]}
        if wanted["document"]:
            arguments["DocumentName"] = wanted["document"]
        answer = client.start_session(**arguments)
        self.client = client
        self.id = answer["SessionId"]
        self.idle_since = 0.0
        answer.pop("ResponseMetadata", None)
        ours, its = pty.openpty()
        try:
            self.process = subprocess.Popen(
                [
                    executable,
                    json.dumps(answer),
                    client.meta.region_name,
                    "StartSession",
                    wanted["options"]["profile"] or "",
                    json.dumps({"Target": wanted["target"]}),
                    client.meta.endpoint_url,
                ],
                stdin=subprocess.PIPE,
                stdout=its,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError:
            os.close(ours)
            self.terminate()
            raise
        finally:
            os.close(its)
        self.terminal = ours
        self.handle = os.pidfd_open(self.process.pid)

    @property
    def descriptors(self):
        return [self.process.stdin.fileno(), self.terminal, self.process.stderr.fileno(), self.handle]

    def is_alive(self):
        return self.process.poll() is None

    def exit(self):
        """Asks its shell to exit."""
        with contextlib.suppress(OSError):
            self.process.stdin.write(b"\nexit\n")

    def terminate(self):
        with contextlib.suppress(Exception):
            self.client.terminate_session(SessionId=self.id)

    def end(self, deadline):
        """Waits until its shell has exited; ends it where that takes longer. Its streams are closed, then."""
        try:
            self.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.terminate()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdin.close()
        self.process.stderr.close()
        os.close(self.terminal)
        os.close(self.handle)


class Keeper:
    """The sessions that no task uses at the moment, by what they are; and the clients."""

    def __init__(self, most):
        self.most = most
        self.lock = threading.Lock()
        self.kept = {}
        self.clients = {}
        self.regions = {}

    def take(self, key):
        """The session that was given back last, or None."""
        while True:
            with self.lock:
                sessions = self.kept.get(key)
                session = sessions.pop() if sessions else None
            if session is None or session.is_alive():
                return session
            session.end(time.monotonic())

    def keep(self, key, session):
        session.idle_since = time.monotonic()
        with self.lock:
            self.kept.setdefault(key, []).append(session)
        self.prune(0)

    def drop(self, key):
        """Answers the sessions that were kept, which are not any more, for the caller to end."""
        with self.lock:
            return self.kept.pop(key, [])

    def prune(self, idle_since):
        """Ends those that have been idle since before then, and the oldest beyond what is kept."""
        with self.lock:
            every = sorted((each for sessions in self.kept.values() for each in sessions), key=lambda it: it.idle_since)
            surplus = max(0, len(every) - self.most)
            old = every[:surplus] + [each for each in every[surplus:] if each.idle_since < idle_since]
            for sessions in self.kept.values():
                sessions[:] = [each for each in sessions if each not in old]
        end(old)

    def client(self, service, options):
        """The client of a service, the same one for all who ask with the same options."""
        key = json.dumps([service, options], sort_keys=True)
        with self.lock:
            if key not in self.clients:
                self.clients[key] = make_client(service, options)
            return self.clients[key]


def end(sessions):
    for session in sessions:
        session.exit()
    deadline = time.monotonic() + EXIT_SECONDS
    for session in sessions:
        session.end(deadline)


def make_client(service, options):
    import boto3
    from botocore.config import Config

    session = boto3.session.Session(
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        aws_session_token=options["session_token"],
        profile_name=options["profile"],
    )
    config = Config(
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": options["s3_addressing_style"]},
        retries={"mode": "standard", "max_attempts": 10},
        max_pool_connections=50,
    )
    endpoint = (options["bucket_endpoint_url"] if service == "s3" else None) or options["endpoint_url"]
    return session.client(service, region_name=options["region"], endpoint_url=endpoint, config=config)


def region_of(client, bucket):
    """The region of a bucket, which S3 says also to those whom it refuses everything else."""
    from botocore.exceptions import ClientError

    try:
        answer = client.head_bucket(Bucket=bucket)
    except ClientError as error:
        answer = error.response
        if "x-amz-bucket-region" not in answer["ResponseMetadata"]["HTTPHeaders"]:
            raise
    return answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", client.meta.region_name)


class Task:
    """What one task asks for, on one connection."""

    def __init__(self, keeper, connection):
        self.keeper = keeper
        self.connection = connection
        self.session = None
        self.is_over = False

    def serve(self):
        with self.connection, contextlib.suppress(OSError):
            try:
                self.wanted = json.loads(self.connection.recv(LONGEST) or b"null")
                self.key = json.dumps(self.wanted, sort_keys=True)
                self.connection.send(b"ready")
                while not self.is_over:
                    packet, descriptors, _flags, _address = socket.recv_fds(
                        self.connection, LONGEST, 1, socket.MSG_CMSG_CLOEXEC
                    )
                    if not packet:
                        return
                    with contextlib.ExitStack() as stack:
                        files = [stack.enter_context(open(each, "r+b")) for each in descriptors]
                        self.answer(json.loads(packet), *files)
            finally:
                if self.session:
                    self.session.end(time.monotonic())

    def answer(self, request, *files):
        try:
            answer = getattr(self, "do_" + request.pop("ask"))(*files, **request)
        except Exception as error:
            answer = {"error": str(error)}
        if answer is not None:
            descriptors = self.session.descriptors if "id" in answer else []
            socket.send_fds(self.connection, [json.dumps(answer).encode()], descriptors)

    def do_session(self, executable, reuse):
        self.session = self.keeper.take(self.key) if reuse else None
        kept = self.session is not None
        if not kept:
            self.session = Session(self.client("ssm"), executable, self.wanted)
        return {"id": self.session.id, "kept": kept}

    def do_keep(self):
        session, self.session = self.session, None
        self.is_over = True
        self.keeper.keep(self.key, session)

    def do_drop(self):
        # It takes a while where the host has been restarted.
        threading.Thread(target=end, args=[self.keeper.drop(self.key)]).start()
        return {}

    def do_upload(self, file, name):
        file.seek(0)
        place = self.place(name)
        self.s3.put_object(Body=file, **place, **self.wanted["sse"])
        return {"url": self.s3.generate_presigned_url("get_object", Params=place, ExpiresIn=URL_SECONDS)}

    def do_promise(self, name):
        place = {**self.place(name), **self.wanted["sse"]}
        return {"url": self.s3.generate_presigned_url("put_object", Params=place, ExpiresIn=URL_SECONDS)}

    def do_download(self, file, name):
        self.s3.download_fileobj(Fileobj=file, **self.place(name))
        # The task reads it as soon as it has the answer.
        file.flush()
        return {}

    def do_forget(self, name):
        self.s3.delete_object(**self.place(name))

    def place(self, name):
        return {"Bucket": self.wanted["bucket"], "Key": f"{self.wanted['target']}/{name}"}

    def client(self, service, **options):
        return self.keeper.client(service, {**self.wanted["options"], **options})

    @property
    def s3(self):
        """The client of the region that the bucket is in: a URL that is signed for another one is refused."""
        bucket = self.wanted["bucket"]
        if bucket not in self.keeper.regions:
            self.keeper.regions[bucket] = region_of(self.client("s3"), bucket)
        return self.client("s3", region=self.keeper.regions[bucket])


def main(listener, owner, idle_seconds, most):
    """Serves tasks until ``ansible-playbook``, whose process the second descriptor is of, has ended."""
    keeper = Keeper(most)
    server = socket.socket(fileno=listener)
    poller = select.poll()
    poller.register(server, select.POLLIN)
    poller.register(owner, select.POLLIN)
    tasks = set()
    cleaned = time.monotonic()
    while True:
        ready = {descriptor for descriptor, _event in poller.poll(1000 * CLEAN_SECONDS)}
        if owner in ready:
            break
        if listener in ready:
            task = threading.Thread(target=Task(keeper, server.accept()[0]).serve)
            task.start()
            tasks.add(task)
        if time.monotonic() >= cleaned + CLEAN_SECONDS:
            cleaned = time.monotonic()
            tasks = {task for task in tasks if task.is_alive()}
            threading.Thread(target=keeper.prune, args=[cleaned - idle_seconds]).start()
    server.close()
    for task in tasks:
        task.join(EXIT_SECONDS)
    keeper.prune(float("inf"))
    # A task that hangs would keep the process.
    os._exit(0)
