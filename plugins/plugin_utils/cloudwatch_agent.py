# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The configuration of the CloudWatch Agent on Linux, made of inputs, and checked before any host sees it.

The agent's own schema (roles/host_cloudwatch_agent/files/) finds wrong types, what is missing and values that are not
allowed. It lets unknown sections and misspelled metrics through, of which the agent takes no notice: those are looked
for here. The lists are those of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
metrics-collected-by-CloudWatch-agent.html and CloudWatch-Agent-Configuration-File-Details.html
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.wellarchitected.aws.plugins.module_utils.hints import did_you_mean
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.json_schema import violations

SCHEMA = Path(__file__).resolve().parents[2] / "roles/host_cloudwatch_agent/files/amazon-cloudwatch-agent.schema.json"


def _times(kind: str) -> str:
    states = "active guest guest_nice idle iowait irq nice softirq steal system user"
    return " ".join(f"{kind}_{state}" for state in states.split())


def _limits() -> str:
    limits = (
        "cpu_time file_locks memory_data memory_locked memory_rss memory_stack memory_vms nice_priority num_fds "
        "realtime_priority signals_pending"
    )
    return " ".join(f"rlimit_{limit}_{kind}" for limit in limits.split() for kind in ("hard", "soft"))


# What each section of metrics can measure. Of the sections that are not here, anything is passed on.
METRICS = {
    name: frozenset(metrics.split())
    for name, metrics in {
        "cpu": f"{_times('time')} {_times('usage')}",
        "disk": "free inodes_free inodes_total inodes_used total used used_percent",
        "diskio": "io_time iops_in_progress read_bytes read_time reads write_bytes write_time writes",
        "mem": "active available available_percent buffered cached free inactive total used used_percent",
        "net": "bytes_recv bytes_sent drop_in drop_out err_in err_out packets_recv packets_sent",
        "netstat": (
            "tcp_close tcp_close_wait tcp_closing tcp_established tcp_fin_wait1 tcp_fin_wait2 tcp_last_ack tcp_listen "
            "tcp_none tcp_syn_recv tcp_syn_sent tcp_time_wait udp_socket"
        ),
        "processes": "blocked dead idle paging running sleeping stopped total total_threads wait zombies",
        "procstat": (
            "cpu_time cpu_time_guest cpu_time_guest_nice cpu_time_idle cpu_time_iowait cpu_time_irq cpu_time_nice "
            "cpu_time_soft_irq cpu_time_steal cpu_time_stolen cpu_time_system cpu_time_user cpu_usage "
            "involuntary_context_switches memory_data memory_locked memory_rss memory_stack memory_swap memory_vms "
            "nice_priority num_fds num_threads pid pid_count read_bytes read_count realtime_priority signals_pending "
            f"voluntary_context_switches write_bytes write_count {_limits()}"
        ),
        "swap": "free used used_percent",
    }.items()
}
OTHER_SECTIONS = frozenset({"collectd", "efa", "ethtool", "jmx", "nvidia_smi", "otlp", "prometheus", "statsd"})
COMMON = frozenset({"measurement", "metrics_collection_interval", "append_dimensions"})
SECTION_OPTIONS = {
    "cpu": COMMON | {"drop_original_metrics", "resources", "totalcpu"},
    "disk": COMMON | {"drop_device", "drop_original_metrics", "ignore_file_system_types", "resources"},
    "diskio": COMMON | {"drop_original_metrics", "resources"},
    "mem": COMMON | {"drop_original_metrics"},
    "net": COMMON | {"drop_original_metrics", "resources"},
    "netstat": COMMON | {"drop_original_metrics"},
    "processes": COMMON | {"drop_original_metrics"},
    "procstat": COMMON | {"drop_original_metrics", "exe", "pattern", "pid_file"},
    "swap": COMMON | {"drop_original_metrics"},
}
AGENT_OPTIONS = frozenset(
    {
        *("aws_sdk_log_level", "credentials", "debug", "deployment.environment", "internal", "logfile"),
        *("metrics_collection_interval", "omit_hostname", "quiet", "region", "run_as_user", "service.name"),
        *("use_dualstack_endpoint", "user_agent"),
    }
)
DIMENSIONS = ("AutoScalingGroupName", "ImageId", "InstanceId", "InstanceType")
PLACEHOLDERS = frozenset(
    {"account_id", "date", "hostname", "instance_id", "ip_address", "local_hostname", "cluster_name", "container_name"}
)
# What a configuration's parts are called where people write them.
INPUTS = (
    (".metrics.metrics_collected.procstat", "processes"),
    (".metrics.metrics_collected", "metrics"),
    (".metrics.aggregation_dimensions", "aggregation_dimensions"),
    (".metrics.append_dimensions", "dimensions"),
    (".metrics.namespace", "namespace"),
    (".logs.logs_collected.files.collect_list", "log_files"),
    (".logs.logs_collected.journald.collect_list", "journal"),
    (".agent.metrics_collection_interval", "interval"),
    (".agent.run_as_user", "run_as_user"),
)
LARGEST_PARAMETER = (
    8192  # bytes; https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
)


class ConfigurationError(ValueError):
    """Everything that is wrong with a configuration, a sentence each in ``problems``."""

    def __init__(self, problems: list[str]):
        super().__init__(
            "The configuration of the CloudWatch Agent cannot be used:\n" + "\n".join(f"  - {it}" for it in problems)
        )
        self.problems = problems


def configuration(inputs: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The configuration that inputs make; ConfigurationError with everything that is wrong with it.

    prefix stands before the names of the inputs wherever they are spoken of.
    """
    made = build(inputs)
    found = problems(made)
    # A section that was taken out is in no configuration; its name may be wrong all the same.
    taken_out = {name: section for name, section in _dictionary(inputs.get("metrics")).items() if not section}
    found += _unknown(taken_out, ".metrics.metrics_collected", METRICS.keys() | OTHER_SECTIONS, "section")
    if found:
        retention = inputs.get("log_retention_days")
        raise ConfigurationError(list(dict.fromkeys(_sentence(path, what, prefix, retention) for path, what in found)))
    return made


def build(inputs: dict[str, Any]) -> dict[str, Any]:
    """The configuration that inputs make, checked by nobody."""
    agent = {
        "metrics_collection_interval": inputs.get("interval", 60),
        "run_as_user": inputs.get("run_as_user") or "root",
    }
    # A section that is empty is one that somebody took out.
    metrics = {name: section for name, section in (inputs.get("metrics") or {}).items() if section}
    metrics |= inputs.get("extra_metrics") or {}
    if inputs.get("processes"):
        metrics["procstat"] = inputs["processes"]
    logs = {}
    for section, name in (("files", "log_files"), ("journald", "journal")):
        entries = [*(inputs.get(name) or []), *(inputs.get(f"extra_{name}") or [])]
        if entries:
            logs[section] = {"collect_list": [_log(entry, inputs) for entry in entries]}
    made: dict[str, Any] = {"agent": agent}
    if metrics:
        made["metrics"] = {"namespace": inputs.get("namespace") or "CWAgent", "metrics_collected": metrics}
        if inputs.get("dimensions"):
            made["metrics"]["append_dimensions"] = {name: f"${{aws:{name}}}" for name in inputs["dimensions"]}
        if inputs.get("aggregation_dimensions"):
            made["metrics"]["aggregation_dimensions"] = inputs["aggregation_dimensions"]
    if logs:
        made["logs"] = {"logs_collected": logs}
    return merged(made, inputs.get("extra_configuration") or {})


def _log(entry: Any, inputs: dict[str, Any]) -> Any:
    """An entry of a log with what all logs have in common."""
    if not isinstance(entry, dict):
        return entry
    group, retention = inputs.get("log_group"), inputs.get("log_retention_days")
    stream = entry["file_path"].rpartition("/")[2] if isinstance(entry.get("file_path"), str) else "journal"
    return {
        **({"log_group_name": group} if group else {}),
        # Two files that write to one stream would lose events.
        "log_stream_name": f"{{instance_id}}/{re.sub(r'[^A-Za-z0-9._-]', '-', stream)}",
        **({"retention_in_days": retention} if retention else {}),
        **entry,
    }


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two configurations as one; where they differ, the other holds. Lists are not merged."""
    result = dict(one)
    for name, value in other.items():
        both = isinstance(result.get(name), dict) and isinstance(value, dict)
        result[name] = merged(result[name], value) if both else value
    return result


def problems(made: dict[str, Any]) -> list[tuple[str, str]]:
    """Everything that is wrong with a configuration: each time the path, and the rest of the sentence."""
    found = list(violations(made, _schema()))
    found += _unknown(made, "", _schema()["properties"], "section")
    found += _unknown(_dictionary(made.get("agent")), ".agent", AGENT_OPTIONS, "option")
    if not made.keys() - {"agent"}:
        found.append(("", "collects neither metrics nor logs; give one of them at least"))
    metrics = _dictionary(made.get("metrics"))
    found += _metrics(_dictionary(metrics.get("metrics_collected")))
    path = ".metrics.append_dimensions"
    for name, value in _dictionary(metrics.get("append_dimensions")).items():
        if name not in DIMENSIONS or value != f"${{aws:{name}}}":
            known = f"There are: {', '.join(DIMENSIONS)}"
            found.append((f"{path}.{name}", f"is no dimension that the agent adds. {known}"))
    return found + _logs(_dictionary(made.get("logs")))


def _metrics(collected: dict[str, Any]) -> list[tuple[str, str]]:
    path = ".metrics.metrics_collected"
    found = _unknown(collected, path, METRICS.keys() | OTHER_SECTIONS, "section")
    for name, known in METRICS.items():
        sections = collected.get(name, [])
        for number, section in enumerate(sections if isinstance(sections, list) else [sections]):
            where = f"{path}.{name}[{number}]" if isinstance(sections, list) else f"{path}.{name}"
            if isinstance(section, dict):
                found += _unknown(section, where, SECTION_OPTIONS[name], "option")
                found += _measurements(section.get("measurement"), f"{where}.measurement", name, known)
    return found


def _measurements(given: Any, where: str, section: str, known: frozenset[str]) -> list[tuple[str, str]]:
    found = []
    for number, measurement in enumerate(given if isinstance(given, list) else []):
        name = measurement.get("name") if isinstance(measurement, dict) else measurement
        # The agent takes a name with or without its section in front.
        if isinstance(name, str) and name.removeprefix(f"{section}_") not in known:
            hint = did_you_mean(name.removeprefix(f"{section}_"), sorted(known))
            found.append((f"{where}[{number}]", f"is {name!r}, which the agent does not measure.{hint}"))
    return found


def _logs(logs: dict[str, Any]) -> list[tuple[str, str]]:
    found, streams = [], {}
    for section in ("files", "journald"):
        entries = _dictionary(_dictionary(logs.get("logs_collected")).get(section)).get("collect_list", [])
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            path = f".logs.logs_collected.{section}.collect_list[{number}]"
            if not isinstance(entry, dict):
                continue
            if section == "files" and not entry.get("log_group_name"):
                found.append((f"{path}.log_group_name", "is missing, and there is no log_group for all of them"))
            for option in ("log_group_name", "log_stream_name"):
                for name in re.findall(r"(?<!\$)\{([^}:]*)\}", str(entry.get(option, ""))):
                    if name not in PLACEHOLDERS:
                        hint = did_you_mean(name, sorted(PLACEHOLDERS))
                        found.append((f"{path}.{option}", f"has {{{name}}}, which the agent does not fill in.{hint}"))
            stream = (entry.get("log_group_name"), entry.get("log_stream_name"))
            if stream in streams:
                what = f"writes to the same stream as {_last(streams[stream])}; give it a log_stream_name of its own"
                found.append((path, what))
            streams.setdefault(stream, path)
    return found


def _last(path: str) -> str:
    return dict(INPUTS).get(path.partition("[")[0], path) + path[path.find("[") :]


def _unknown(given: dict[str, Any], path: str, known: Any, word: str) -> list[tuple[str, str]]:
    return [
        (
            f"{path}.{name}",
            f"is no {word} of the agent's. There are: {', '.join(sorted(known))}.{did_you_mean(name, sorted(known))}",
        )
        for name in given
        if name not in known
    ]


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sentence(path: str, what: str, prefix: str, retention: Any) -> str:
    """What is wrong, at the input where people wrote it, if there is one for it."""
    said = f"{prefix}extra_configuration{path}" if path else "It"
    for start, name in INPUTS:
        if path.startswith(start):
            said = f"{prefix}{name}{path.removeprefix(start)}"
            break
    if path.endswith(".retention_in_days") and what.startswith(f"is {retention!r},"):
        said = f"{prefix}log_retention_days"
    return f"{said} {what}" + ("" if what.endswith((".", "?")) else ".")


@cache
def _schema() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))
