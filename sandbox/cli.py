# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The command line: python -m sandbox up | down | copy | status | reset | clock | env | faults | slack | event."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from typing import Any

from sandbox.clock import DURATIONS
from sandbox.process import DEFAULT_ACCOUNT, DEFAULT_PORT, DEFAULT_REGION, EVENTS, SandboxError, Server, default_home


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 when it could not be done."""
    options = _parser().parse_args(arguments)
    server = Server(options.port, default_home(options.port))
    try:
        options.run(server, options)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="An AWS of one's own on loopback.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Any, description: str | None) -> argparse.ArgumentParser:
        added = commands.add_parser(name, description=description, **({"help": description} if description else {}))
        added.add_argument(
            "--port",
            type=int,
            default=int(os.environ.get("SANDBOX_PORT", DEFAULT_PORT)),
            help="port on 127.0.0.1 (default: SANDBOX_PORT, or %(default)s)",
        )
        added.set_defaults(run=run)
        return added

    up = command("up", _up, "start it, and say where it listens")
    up.add_argument(
        "--clock", metavar="N", help="run N times faster than AWS (default: SANDBOX_CLOCK, or 0, which is at once)"
    )
    up.add_argument("--hosts", action="store_true", help="let instances of EC2 be machines that run (needs root)")
    command("down", _down, "stop it; nothing is kept")
    copy = command("copy", _copy, "start another one on a port, with all that is built on this one")
    copy.add_argument("to", type=int, metavar="PORT", help="the other one's port on 127.0.0.1")
    status = command("status", _status, "what it has been asked, refused, and answered doubtfully")
    status.add_argument("--json", action="store_true", help="as JSON")
    command("reset", _reset, "empty it: resources, log, counts, faults")
    clock = command("clock", _clock, "say what takes how long, or let the clock run N times faster than AWS")
    clock.add_argument("speed", nargs="?", metavar="N", help="60 is a minute in a second, 1 as slow as AWS, 0 at once")
    command("env", _env, 'print the export lines that point AWS tools at it: eval "$(python -m sandbox env)"')
    faults = command("faults", _faults, "list the faults, clear them, or let calls fail")
    faults.add_argument("kind", nargs="?", choices=["throttle", "error", "clear"])
    faults.add_argument("--every", type=int, metavar="N", help="every n-th call fails")
    faults.add_argument("--at", type=int, metavar="N", help="the n-th call fails")
    faults.add_argument("--service", help="only calls of this service, by boto3's name")
    faults.add_argument("--operation", help="only calls of this operation")
    faults.add_argument("--writes-only", action="store_true", help="only calls that may change something")
    slack = command("slack", _slack, "say what was posted to Slack's stand-in and where to see it, or let it fail")
    slack.add_argument("kind", nargs="?", choices=["throttle", "error", "gone", "silence", "clear"])
    slack.add_argument("--times", type=int, metavar="N", default=1, help="the next n messages (default: 1)")
    slack.add_argument("--retry-after", type=int, metavar="S", default=1, help="what throttle asks for (default: 1)")
    slack.add_argument("--seconds", type=float, metavar="S", default=0, help="how long silence lasts (default: 0)")
    slack.add_argument("--json", action="store_true", help="as JSON")
    event = command("event", _event, "list the sample events, or print or send one, as AWS documents its shape")
    event.add_argument("kind", nargs="?")
    event.add_argument("--send", action="store_true", help="raise it as its service would: on the bus, or on a topic")
    event.add_argument("--region", default=DEFAULT_REGION, help="where it is raised (default: %(default)s)")
    event.add_argument("--account", default=DEFAULT_ACCOUNT, help="in which account (default: %(default)s)")
    event.add_argument("--topic", help="name or ARN of the topic that is told, where several could be")
    command("serve", _serve, None)
    return parser


def _up(server: Server, options: argparse.Namespace) -> None:
    started = server.start(options.clock, hosts=options.hosts)
    print(f"The sandbox is up{'' if started else ' already'}: {server.endpoint}")


def _down(server: Server, options: argparse.Namespace) -> None:
    stopped = server.stop()
    print("The sandbox is down." if stopped else f"No sandbox was up on port {server.port}.")


def _copy(server: Server, options: argparse.Namespace) -> None:
    copy = Server(options.to, server.home.with_name(str(options.to)))
    copy.start_as_copy_of(server.port)
    print(f"A copy of the sandbox is up: {copy.endpoint}")


def _status(server: Server, options: argparse.Namespace) -> None:
    status = server.status()
    if options.json:
        print(json.dumps(status, indent=2))
        return
    outcomes = ", ".join(f"{count} {name}" for name, count in status["outcomes"].items())
    print(f"The sandbox is up: {server.endpoint} (process {status['pid']})")
    if status["clock"]:
        print(_pace(status["clock"]))
    print(f"{status['calls']} calls: {outcomes}")
    for service, operations in status["services"].items():
        print(f"  {service} ({sum(operations.values())})")
        for operation, count in operations.items():
            print(f"    {operation}: {count}")
    _print_counted("Refused requests", status["refused"], "{service}:{operation} {error}: {message}")
    _print_counted("Answers that the model does not allow", status["questionable"], "{service}:{operation} {problem}")
    _print_faults(status["faults"])


def _print_counted(title: str, rows: list[dict[str, Any]], form: str) -> None:
    if rows:
        print(f"{title}:")
    for row in rows:
        print(f"  {row['count']} x {form.format(**row)}")


def _reset(server: Server, options: argparse.Namespace) -> None:
    server.ask("POST", "reset")
    print("The sandbox is empty.")


def _clock(server: Server, options: argparse.Namespace) -> None:
    if options.speed is not None:
        server.set_clock(options.speed)
        print(_pace(server.clock()))
        return
    speed = server.clock()
    print(_pace(speed))
    rows = [("change", "on AWS", "here"), *((name, *_times(name, speed)) for name in DURATIONS)]
    width = max(len(name) for name, *_ in rows)
    for name, on_aws, here in rows:
        print(f"  {name:{width}}  {on_aws:>8}  {here:>8}")


def _pace(speed: float) -> str:
    return f"The clock runs {speed:g} times as fast as on AWS." if speed else "The clock is at 0: all is ready at once."


def _times(name: str, speed: float) -> tuple[str, str]:
    seconds = DURATIONS[name].seconds
    return f"{seconds:g} s", f"{seconds / speed:.3g} s" if speed else "at once"


def _env(server: Server, options: argparse.Namespace) -> None:
    print("unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN")
    for name, value in server.environment().items():
        print(f"export {name}={shlex.quote(value)}")


def _faults(server: Server, options: argparse.Namespace) -> None:
    if options.kind == "clear":
        rules = server.ask("DELETE", "faults")
    elif options.kind:
        names = ("kind", "every", "at", "service", "operation", "writes_only")
        rules = server.ask("POST", "faults", {name: getattr(options, name) for name in names})
    else:
        rules = server.ask("GET", "faults")
    _print_faults(rules)
    if not rules:
        print("No faults.")


def _print_faults(rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        when = f"every {rule['every']}" if rule["every"] else f"at {rule['at']}"
        of = ":".join(filter(None, [rule["service"] or "any service", rule["operation"]]))
        writes = ", writes only" if rule["writes_only"] else ""
        print(f"Fault: {rule['kind']} {when}, {of}{writes} (raised {rule['raised']} times in {rule['seen']} calls)")


def _slack(server: Server, options: argparse.Namespace) -> None:
    if options.kind == "clear":
        server.ask("DELETE", "slack/orders")
    elif options.kind:
        names = ("kind", "times", "retry_after", "seconds")
        server.ask("POST", "slack/orders", {name: getattr(options, name) for name in names})
    received = server.ask("GET", "slack/messages")
    if options.json:
        print(json.dumps(received, indent=2, ensure_ascii=False))
        return
    print(f"Page: {server.slack_page}")
    print(f"Webhook: {server.slack_webhook}")
    for order in server.ask("GET", "slack/orders"):
        print(f"To come: {order['kind']}, {order['times']} times")
    for entry in received:
        said = f"{entry['status']} {entry['answer']}" if entry["status"] else "no answer"
        print(f"{entry['time']}  {said}  {_gist(entry['message'])}")
    if not received:
        print("Nothing has been posted yet.")


def _gist(message: Any) -> str:
    """The line that a phone would show of a message."""
    if not isinstance(message, dict):
        return ""
    fallbacks = [attachment.get("fallback") for attachment in message.get("attachments", [])]
    return next(filter(None, [message.get("text"), *fallbacks]), "").partition("\n")[0]


def _event(server: Server, options: argparse.Namespace) -> None:
    kinds = sorted(path.stem for path in EVENTS.glob("*.json"))
    if options.kind is None:
        print("\n".join(kinds))
    elif options.kind not in kinds:
        raise SandboxError(f"There is no event {options.kind!r}. There are: {', '.join(kinds)}.")
    elif options.send:
        answer = server.send_event(options.kind, options.account, options.region, options.topic)
        if "topic" in answer:
            print(f"Published on {answer['topic']}.")
        else:
            rules = ", ".join(answer["rules"]) or "none"
            print(f"On the default bus of {answer['region']}. Rules that match it: {rules}.")
    else:
        print((EVENTS / f"{options.kind}.json").read_text(encoding="utf-8"), end="")


def _serve(server: Server, options: argparse.Namespace) -> None:
    from sandbox.server import serve

    serve(server.port, server.home)
