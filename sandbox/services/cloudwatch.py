# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudWatch: the metrics that AWS's own services put there, as far as somebody waits for them; alarms that act."""

from __future__ import annotations

import functools
import json
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.loaders import Loader
from moto.cloudwatch.models import Alarm, CloudWatchBackend, Metric, MetricDataQuery, cloudwatch_backends
from moto.sqs.models import Queue

from sandbox.clock import CLOCK
from sandbox.delivery import Message, Sender, send
from sandbox.operations import LET_MOTO_ANSWER, Request, mend, operation
from sandbox.services.events import emit
from sandbox.services.rds_clusters import replica_lag

_STATISTICS = ("Average", "Maximum", "Minimum", "Sum")


def _lag(request: Request, dimensions: dict[str, str]) -> float | None:
    """AuroraBinlogReplicaLag of a cluster, or of the one whose writer an instance is."""
    backend = request.backend_of("rds")
    name = dimensions.get("DBClusterIdentifier")
    for cluster in backend.clusters.values():
        members = {instance.db_instance_identifier for instance in cluster.members}
        if cluster.db_cluster_identifier == name or dimensions.get("DBInstanceIdentifier") in members:
            return replica_lag(cluster)
    return None


@operation("cloudwatch", "GetMetricStatistics", instead_of_moto="It has no metrics but those that somebody puts there.")
def get_metric_statistics(request: Request) -> dict[str, Any]:
    """One datapoint a minute, of which the last one is told.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
    """
    params = request.params
    if (params["Namespace"], params["MetricName"]) != ("AWS/RDS", "AuroraBinlogReplicaLag"):
        return LET_MOTO_ANSWER
    lag = _lag(request, {dimension["Name"]: dimension["Value"] for dimension in params.get("Dimensions", [])})
    minute = min(_utc(params["EndTime"]), datetime.now(UTC)).replace(second=0, microsecond=0)
    points = [minute] if lag is not None and minute >= _utc(params["StartTime"]) else []
    values = {statistic: lag for statistic in params.get("Statistics", []) if statistic in _STATISTICS}
    datapoints = [{"Timestamp": point, "Unit": "Seconds", **values} for point in points]
    return {"Label": params["MetricName"], "Datapoints": datapoints}


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# Alarms. SetAlarmState changes their state; nothing else does, but for those on how many messages wait in a queue.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html

_STATISTIC_NAMES = {
    "Average": "AVERAGE",
    "Maximum": "MAXIMUM",
    "Minimum": "MINIMUM",
    "SampleCount": "SAMPLE_COUNT",
    "Sum": "SUM",
}


@mend(CloudWatchBackend, "put_metric_alarm")
def put_metric_alarm(original: Callable, self: CloudWatchBackend, name: str, *args: Any, **kwargs: Any) -> Alarm:
    """A new alarm has no data yet; one that is there already keeps its state."""
    known = self.alarms.get(name)
    alarm = original(self, name, *args, **kwargs)
    if known is None:
        alarm.state_value = "INSUFFICIENT_DATA"
    else:
        for attribute in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
            setattr(alarm, attribute, getattr(known, attribute))
    return alarm


@mend(CloudWatchBackend, "set_alarm_state")
def set_alarm_state(
    original: Callable, self: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str, state_value: str
) -> None:
    """A change of state runs the actions of the new state that are topics, and is an event."""
    alarm = self.alarms.get(alarm_name)
    before = alarm and _state(alarm)
    original(self, alarm_name, reason, reason_data, state_value)
    if before["value"] == state_value:
        return
    emit(self.account_id, self.region_name, _event(alarm, before))
    if alarm.actions_enabled:
        subject = f'{state_value}: "{alarm.name}" in {_region(alarm.region_name)}'
        message = Message(json.dumps(_message(alarm, before["value"], self.account_id)), subject)
        for arn in _actions(alarm)[state_value]:
            if ":sns:" in arn:
                send(alarm_sender(alarm.alarm_arn), arn, message)


def look_later(queue: Queue) -> None:
    """Something else waits in a queue."""
    CLOCK.later("alarm.evaluation", functools.partial(_evaluate, queue))


def _evaluate(queue: Queue) -> None:
    """Judge the alarms on how many messages wait in a queue by what waits there now.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    backend = cloudwatch_backends[queue.account_id][queue.region]
    value = float(len(queue.messages))
    for alarm in list(backend.alarms.values()):
        dimensions = {dimension.name: dimension.value for dimension in alarm.dimensions or []}
        if (alarm.namespace, alarm.metric_name, dimensions) != (*_WAITING_MESSAGES, {"QueueName": queue.name}):
            continue
        state = "ALARM" if _COMPARISONS[alarm.comparison_operator](value, alarm.threshold) else "OK"
        if state != alarm.state_value:
            verb = "was" if state == "ALARM" else "was not"
            words = re.sub(r"(?<!^)(?=[A-Z])", " ", alarm.comparison_operator.removesuffix("Threshold")).lower()
            reason = (
                f"Threshold Crossed: 1 datapoint [{value} ({datetime.now(UTC):%d/%m/%y %H:%M:00})] {verb} {words} the "
                f"threshold ({alarm.threshold})."
            )
            backend.set_alarm_state(alarm.name, reason, "{}", state)


_WAITING_MESSAGES = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
_COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def _looked_at_later(original: Callable, self: Queue, *args: Any) -> Any:
    answer = original(self, *args)
    look_later(self)
    return answer


# Of a queue whose messages are taken away otherwise, the next of these is when it is looked at.
for _name in ("add_message", "delete_message"):
    mend(Queue, _name)(_looked_at_later)


def alarm_sender(arn: str) -> Sender:
    """CloudWatch, for an alarm. A topic's default policy lets the owner of the source, whom CloudWatch tells."""
    account = arn.split(":")[4]
    return Sender(arn, account, "cloudwatch.amazonaws.com", context={"aws:SourceOwner": account})


def _actions(alarm: Alarm) -> dict[str, list[str]]:
    return {
        "OK": alarm.ok_actions or [],
        "ALARM": alarm.alarm_actions or [],
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions or [],
    }


def _message(alarm: Alarm, before: str, account: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Acting_Alarm_Changes.html"""
    actions = _actions(alarm)
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _time(alarm.state_updated_timestamp),
        "Region": _region(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": actions["OK"],
        "AlarmActions": actions["ALARM"],
        "InsufficientDataActions": actions["INSUFFICIENT_DATA"],
    }
    if alarm.rule is not None:
        return {**message, "AlarmRule": alarm.rule}
    return {**message, "Trigger": _trigger(alarm)}


def _trigger(alarm: Alarm) -> dict[str, Any]:
    how = {
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        del how["Period"]
        return {**how, "Metrics": [_query_of_message(query) for query in alarm.metric_data_queries]}
    if alarm.extended_statistic:
        statistic = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.extended_statistic}
    else:
        statistic = {"StatisticType": "Statistic", "Statistic": _STATISTIC_NAMES.get(alarm.statistic, alarm.statistic)}
    dimensions = [{"value": dimension.value, "name": dimension.name} for dimension in alarm.dimensions]
    metric = {"MetricName": alarm.metric_name, "Namespace": alarm.namespace}
    return {**metric, **statistic, "Unit": alarm.unit, "Dimensions": dimensions, **how}


def _query_of_message(query: MetricDataQuery) -> dict[str, Any]:
    told: dict[str, Any] = {"Id": query.id, "ReturnData": query.return_data}
    if query.label:
        told["Label"] = query.label
    if query.expression:
        told["Expression"] = query.expression
    if query.metric_stat:
        metric = query.metric_stat.metric
        dimensions = [{"value": dimension.value, "name": dimension.name} for dimension in metric.dimensions]
        told["MetricStat"] = {
            "Metric": {"Dimensions": dimensions, "MetricName": metric.metric_name, "Namespace": metric.namespace},
            "Period": int(query.metric_stat.period),
            "Stat": query.metric_stat.stat,
        }
    return told


def _event(alarm: Alarm, before: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html"""
    configuration: dict[str, Any] = {"description": alarm.description} if alarm.description else {}
    if alarm.rule is not None:
        configuration["alarmRule"] = alarm.rule
    elif alarm.metric_data_queries:
        configuration["metrics"] = [_query_of_event(query) for query in alarm.metric_data_queries]
    else:
        metric = _metric(Metric(alarm.metric_name, alarm.namespace, alarm.dimensions))
        stat = {"metric": metric, "period": alarm.period, "stat": alarm.extended_statistic or alarm.statistic}
        configuration["metrics"] = [{"id": "m1", "metricStat": stat, "returnData": True}]
    return {
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "resources": [alarm.alarm_arn],
        "detail": {
            "alarmName": alarm.name,
            "configuration": configuration,
            "previousState": before,
            "state": _state(alarm),
        },
    }


def _query_of_event(query: MetricDataQuery) -> dict[str, Any]:
    told: dict[str, Any] = {"id": query.id, "returnData": query.return_data}
    if query.label:
        told["label"] = query.label
    if query.expression:
        told["expression"] = query.expression
    if query.metric_stat:
        stat = query.metric_stat
        told["metricStat"] = {"metric": _metric(stat.metric), "period": int(stat.period), "stat": stat.stat}
    return told


def _metric(metric: Metric) -> dict[str, Any]:
    dimensions = {dimension.name: dimension.value for dimension in metric.dimensions}
    return {"dimensions": dimensions, "name": metric.metric_name, "namespace": metric.namespace}


def _state(alarm: Alarm) -> dict[str, Any]:
    state = {
        "value": alarm.state_value,
        "reason": alarm.state_reason,
        "timestamp": _time(alarm.state_updated_timestamp),
    }
    return {**state, "reasonData": alarm.state_reason_data} if alarm.state_reason_data else state


def _time(moment: datetime) -> str:
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000"


@functools.cache
def _region(name: str) -> str:
    """The name that people read, such as Asia Pacific (Tokyo)."""
    partitions = Loader().load_data("endpoints")["partitions"]
    known = {name: region for partition in partitions for name, region in partition["regions"].items()}
    return known.get(name, {}).get("description", name)
