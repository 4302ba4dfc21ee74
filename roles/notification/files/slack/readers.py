# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An event of each source becomes a notice; `READERS`, at the end, says who reads what.

Each reader names the page that describes the shape it knows. What may be absent is taken as empty: a report with a gap
is better than none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .console import Arn, page, resource, word
from .notice import Notice, Severity, second

Event = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """What came around an event: the topic it was published to, with the subject and the attributes."""

    record: str = ""
    topic: str = ""
    subject: str = ""
    sent: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity | None:
        """The severity that a topic is for, by the last word of its name; None when it says nothing."""
        last = re.split(r"[-_]", self.topic.removesuffix(".fifo"))[-1].upper()
        return Severity[last] if last in Severity.__members__ else None


@dataclass(frozen=True)
class Reader:
    """Who reads an event: ``knows`` says whether it is one of its source."""

    source: str
    knows: Callable[[Any, Frame], bool]
    read: Callable[[Any, Frame], list[Notice]]


def read(payload: Any, frame: Frame) -> tuple[list[Notice], str]:
    """The notices of an event, JSON as parsed or a text, and why its reader could not read it, or ""."""
    for reader in READERS:
        if reader.knows(payload, frame):
            try:
                return reader.read(payload, frame), ""
            except Exception as error:  # Whatever it stumbles over, the event is shown.
                (notice,) = _unknown(payload, frame)
                notice = replace(notice, source=reader.source, severity=max(notice.severity, Severity.MEDIUM))
                return [notice], f"{reader.source}: {type(error).__name__}: {error}"
    return _unknown(payload, frame), ""


def _alarm(event: Event, frame: Frame) -> list[Notice]:
    """An alarm by SNS, which has no page but is in many: a composite one has AlarmRule instead of Trigger.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    children = ", ".join(Arn(child.get("Arn", "")).id for child in event.get("TriggeringChildren") or [])
    trigger = event.get("Trigger") or {}
    dimensions = trigger.get("Dimensions") or []
    facts = (
        ("Metric", " ".join(filter(None, [trigger.get("Namespace"), trigger.get("MetricName")]))),
        ("Dimensions", ", ".join(f"{each.get('name')} {each.get('value')}" for each in dimensions)),
        ("Triggered by", children),
    )
    return [
        _alarm_notice(
            frame,
            name=event["AlarmName"],
            arn=event.get("AlarmArn") or "",
            account=event.get("AWSAccountId") or "",
            states=(event.get("OldStateValue") or "", event["NewStateValue"]),
            reason=event.get("NewStateReason") or "",
            time=event.get("StateChangeTime") or "",
            description=event.get("AlarmDescription") or "",
            facts=facts,
        )
    ]


def _alarm_event(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html"""
    detail = event["detail"]
    metrics = [
        each.get("metricStat", {}).get("metric", {}) for each in detail.get("configuration", {}).get("metrics", [])
    ]
    names = [" ".join(filter(None, [each.get("namespace"), each.get("name")])) for each in metrics]
    return [
        _alarm_notice(
            frame,
            name=detail["alarmName"],
            arn=next(iter(event.get("resources") or []), ""),
            account=event.get("account") or "",
            states=(detail.get("previousState", {}).get("value") or "", detail["state"]["value"]),
            reason=detail["state"].get("reason") or "",
            time=detail["state"].get("timestamp") or event.get("time") or "",
            description=detail.get("configuration", {}).get("description") or "",
            facts=(("Metric", ", ".join(filter(None, names))),),
        )
    ]


def _alarm_action(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html"""
    detail = {"detail": event["alarmData"], "resources": [event["alarmArn"]], "account": event.get("accountId")}
    return _alarm_event({**event, **detail}, frame)


def _alarm_notice(
    frame: Frame,
    name: str,
    arn: str,
    account: str,
    states: tuple[str, str],
    reason: str,
    time: str,
    description: str,
    facts: tuple[tuple[str, str], ...],
) -> Notice:
    region = Arn(arn).region
    severity, title = {
        "ALARM": (frame.severity or Severity.HIGH, f"Alarm: {name}"),
        "OK": (Severity.RESOLVED, f"OK again: {name}"),
    }.get(states[1], (Severity.MEDIUM, f"No data for alarm {name}"))
    if states == ("INSUFFICIENT_DATA", "OK"):
        title = f"OK: {name}"
    advice = {
        "ALARM": description or "Look at the metric's graph, and at what changed before it crossed the threshold.",
        "OK": "Nothing, unless it goes to and fro.",
    }.get(states[1], description or "Find out why the metric is no longer reported.")
    return Notice(
        source="CloudWatch",
        severity=severity,
        title=title,
        identity=f"alarm {arn or name}",
        # An alarm that goes to and fro is news each time.
        state=f"{states[1]} {second(time)}",
        what=reason,
        account=account,
        region=region,
        resource=name,
        link=page(region, f"cloudwatch/home?region={region}#alarmsV2:alarm/{word(name)}") if region else "",
        since=time,
        advice=advice,
        facts=(("State", " → ".join(filter(None, states))), *facts),
    )


def _guardduty(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html"""
    detail = event["detail"]
    score = float(detail["severity"])
    service = detail.get("service") or {}
    region = detail.get("region") or event.get("region") or ""
    name, link = _guardduty_resource(detail.get("resource") or {}, detail.get("accountId") or "", region)
    here = page(region, f"guardduty/home?region={region}#/findings?macros=current&fId={word(detail['id'])}")
    arn = detail.get("arn") or detail["id"]
    severity = next(level for least, level in _GUARDDUTY_LEVELS if score >= least)
    if service.get("archived"):
        severity = Severity.RESOLVED
    return [
        Notice(
            source="GuardDuty",
            severity=severity,
            title=detail.get("title") or detail["type"],
            # Security Hub passes it on under the same ARN.
            identity=f"finding {arn}",
            state=severity.word,
            what=detail.get("description") or "",
            account=detail.get("accountId") or event.get("account") or "",
            region=region,
            resource=name,
            link=link or here,
            since=service.get("eventFirstSeen") or detail.get("createdAt") or "",
            advice=_ADVICE_BY_THREAT.get(detail["type"].partition(":")[0], _ADVICE_THREAT),
            more=("Finding", here),
            facts=(("Type", detail["type"]), ("Seen", _times(service.get("count")))),
        )
    ]


# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
_GUARDDUTY_LEVELS = (
    (9.0, Severity.CRITICAL),
    (7.0, Severity.HIGH),
    (4.0, Severity.MEDIUM),
    (float("-inf"), Severity.LOW),
)
_ADVICE_THREAT = "Find out whether it was meant; if not, isolate the resource, and change the credentials it holds."
_ADVICE_BY_THREAT = {
    "UnauthorizedAccess": "If nobody of yours did this: cut off the access, change the credentials, read CloudTrail.",
    "CredentialAccess": "If nobody of yours did this: change the credentials, and read CloudTrail for what they did.",
    "CryptoCurrency": "Isolate the resource, keep a snapshot of its disk, and replace it.",
    "Backdoor": "Isolate the resource, keep a snapshot of its disk, and replace it.",
    "Trojan": "Isolate the resource, keep a snapshot of its disk, and replace it.",
    "Execution": "Isolate the resource, keep a snapshot of its disk, and replace it.",
    "Recon": "Close the ports that need not be open to the world.",
    "Policy": "Take the setting back, unless it was meant.",
    "Stealth": "Find out who switched it off, and switch it on again.",
}


def _guardduty_resource(found: Event, account: str, region: str) -> tuple[str, str]:
    """What a finding is about, and its page; each kind has a member of its own."""
    buckets = found.get("s3BucketDetails")
    if buckets:
        return resource(f"arn:aws:s3:::{buckets[0].get('name')}", region)
    for member, kind, name in (
        ("instanceDetails", "ec2:{region}:{account}:instance/{name}", "instanceId"),
        ("lambdaDetails", "lambda:{region}:{account}:function:{name}", "functionName"),
        ("rdsDbInstanceDetails", "rds:{region}:{account}:db:{name}", "dbInstanceIdentifier"),
    ):
        value = (found.get(member) or {}).get(name)
        if value:
            return resource("arn:aws:" + kind.format(region=region, account=account, name=value), region)
    cluster = (found.get("eksClusterDetails") or found.get("ecsClusterDetails") or {}).get("name")
    user = (found.get("accessKeyDetails") or {}).get("userName")
    return cluster or user or found.get("resourceType") or "", ""


def _security_hub(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html"""
    return [_asff(finding, event) for finding in event["detail"]["findings"]]


def _asff(finding: Event, event: Event) -> Notice:
    """https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html"""
    region = finding.get("Region") or event.get("region") or ""
    compliance = finding.get("Compliance") or {}
    workflow = (finding.get("Workflow") or {}).get("Status")
    severity = _level((finding.get("Severity") or {}).get("Label"))
    if finding.get("RecordState") == "ARCHIVED" or workflow == "RESOLVED" or compliance.get("Status") == "PASSED":
        severity = Severity.RESOLVED
    elif workflow == "SUPPRESSED":
        severity = Severity.INFORMATION
    resources = [each.get("Id", "") for each in finding.get("Resources") or []]
    name, link = resource(resources[0], region) if resources else ("", "")
    if len(resources) > 1:
        name += f" and {len(resources) - 1} more"
    recommendation = (finding.get("Remediation") or {}).get("Recommendation") or {}
    advice = recommendation.get("Text") or ""
    if not advice or advice.startswith("For information on how to"):
        # Security Hub's own controls say no more than that there is a page.
        advice = "Mend it as the page below says, or suppress the finding with a reason."
    search = f"Id%3D%255Coperator%255C%253AEQUALS%255C%253A{word(word(finding['Id']))}"
    here = page(region, f"securityhub/home?region={region}#/findings?search={search}")
    return Notice(
        source="Security Hub",
        severity=severity,
        title=finding["Title"],
        identity=f"finding {finding['Id']}",
        state=severity.word,
        what=finding.get("Description") or "",
        account=finding.get("AwsAccountId") or event.get("account") or "",
        region=region,
        resource=name,
        link=link or here,
        since=finding.get("FirstObservedAt") or finding.get("CreatedAt") or "",
        advice=advice,
        more=("How to mend it", recommendation["Url"]) if recommendation.get("Url") else ("Finding", here),
        facts=(
            ("Found by", finding.get("ProductName") or ""),
            ("Control", compliance.get("SecurityControlId") or ""),
            ("Compliance", compliance.get("Status") or ""),
        ),
    )


def _level(label: str | None) -> Severity:
    """The word that AWS's own findings use; what is not rated yet is not overlooked."""
    named = {"INFORMATIONAL": Severity.INFORMATION, "UNTRIAGED": Severity.MEDIUM}
    label = (label or "UNTRIAGED").upper()
    return named[label] if label in named else Severity[label]


def _inspector(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html"""
    detail = event["detail"]
    region = event.get("region") or ""
    severity = _level(detail.get("severity"))
    severity = {"CLOSED": Severity.RESOLVED, "SUPPRESSED": Severity.INFORMATION}.get(detail.get("status"), severity)
    found = next(iter(detail.get("resources") or []), {})
    account = detail.get("awsAccountId") or event.get("account") or ""
    name, link = resource(_inspector_arn(found, account, region), region)
    package = detail.get("packageVulnerabilityDetails") or {}
    packages = package.get("vulnerablePackages") or []
    fixed = [f"{each.get('name')} {each['fixedInVersion']}" for each in packages if each.get("fixedInVersion")]
    fixed = [each for each in fixed if not each.endswith("NotAvailable")]
    advice = ((detail.get("remediation") or {}).get("recommendation") or {}).get("text") or ""
    if fixed:
        advice = f"Update to {', '.join(fixed)}."
    elif advice in ("", "None Provided"):
        advice = "No fix is known yet: limit who reaches it."
    ports = (detail.get("networkReachabilityDetails") or {}).get("openPortRange") or {}
    here = page(region, f"inspector/v2/home?region={region}#/findings")
    return [
        Notice(
            source="Inspector",
            severity=severity,
            title=detail.get("title") or detail.get("type") or "Finding",
            identity=f"finding {detail['findingArn']}",
            state=severity.word,
            what=detail.get("description") or "",
            account=account,
            region=region,
            resource=name,
            link=link or here,
            since=detail.get("firstObservedAt") or "",
            advice=advice,
            more=("Vulnerability", package["sourceUrl"]) if package.get("sourceUrl") else ("Findings", here),
            facts=(
                ("Score", str(detail.get("inspectorScore") or "")),
                ("Exploit", {"YES": "available", "NO": "none known"}.get(detail.get("exploitAvailable"), "")),
                ("Packages", ", ".join(f"{each.get('name')} {each.get('version')}" for each in packages)),
                ("Ports", f"{ports['begin']}-{ports['end']}" if "begin" in ports and "end" in ports else ""),
            ),
        )
    ]


def _inspector_arn(found: Event, account: str, region: str) -> str:
    """The resource's ARN: of an instance Inspector says the id alone."""
    name = found.get("id") or ""
    return f"arn:aws:ec2:{region}:{account}:instance/{name}" if found.get("type") == "AWS_EC2_INSTANCE" else name


def _health(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html"""
    detail = event["detail"]
    abuse = event.get("detail-type") == "AWS Health Abuse Event"
    category = detail.get("eventTypeCategory") or ""
    severity = Severity.CRITICAL if abuse else _HEALTH_LEVELS.get(category, Severity.MEDIUM)
    if detail.get("statusCode") == "closed":
        severity = Severity.RESOLVED
    texts = detail.get("eventDescription") or []
    english = [each for each in texts if (each.get("language") or "en_US").startswith("en")] or texts
    entities = (
        [each.get("entityValue", "") for each in detail.get("affectedEntities") or []] or event.get("resources") or []
    )
    account = detail.get("affectedAccount") or event.get("account") or ""
    region = detail.get("eventRegion") or event.get("region") or ""
    report = detail.get("communicationId") or detail.get("lastUpdatedTime") or event.get("id") or ""
    return [
        Notice(
            source="AWS Health",
            severity=severity,
            title=f"{detail.get('service', 'AWS')}: {_sentence(detail['eventTypeCode'], detail.get('service', ''))}",
            # It is sent to two regions, and in pages; a report of its own is an update.
            identity=f"health {detail['eventArn']} {account} {report} {detail.get('page', '1')}",
            state=severity.word,
            what="\n".join(each.get("latestDescription", "") for each in english),
            account=account,
            region=region,
            resource=", ".join(entities),
            link=f"https://health.aws.amazon.com/health/home#/account/event-log?eventID={word(detail['eventArn'])}",
            since=detail.get("startTime") or event.get("time") or "",
            until=detail.get("endTime") or "",
            advice=_HEALTH_ADVICE.get("abuse" if abuse else category, "Read it."),
            facts=(("Kind", _sentence(re.sub(r"(?=[A-Z])", "_", category))),),
        )
    ]


_HEALTH_LEVELS = {
    "issue": Severity.HIGH,
    "investigation": Severity.HIGH,
    "scheduledChange": Severity.MEDIUM,
    "accountNotification": Severity.LOW,
}
_HEALTH_ADVICE = {
    "abuse": "Answer AWS in time, or it may suspend the account. Isolate the resource first.",
    "issue": "See whether users notice; move away from the zone or the region that has it, if they do.",
    "investigation": "See whether users notice; AWS is looking for the cause.",
    "scheduledChange": "Do it yourself at a time that suits you, before the date.",
    "accountNotification": "Read it, and plan what it asks for.",
}


def _sentence(code: str, service: str = "") -> str:
    """A code such as AWS_EC2_INSTANCE_RETIREMENT as words, without the service that is named beside it."""
    words = code.removeprefix("AWS_").removeprefix(f"{service}_").replace("_", " ").lower().split()
    return " ".join(words).capitalize()


def _backup_event(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html"""
    detail = event["detail"]
    kind = event["detail-type"].partition(" ")[0].lower()
    # Some kinds of job say state, others status.
    state = detail.get("state") or detail.get("status") or ""
    job = detail.get("backupJobId") or detail.get("copyJobId") or detail.get("restoreJobId") or event.get("id") or ""
    return [
        _backup_notice(
            kind,
            state,
            job,
            arn=detail.get("resourceArn") or detail.get("createdResourceArn") or "",
            account=event.get("account") or "",
            region=event.get("region") or "",
            since=detail.get("creationDate") or event.get("time") or "",
            what=(detail.get("statusMessage") or "").strip('"'),
            vault=detail.get("backupVaultName") or Arn(detail.get("destinationBackupVaultArn") or "").id,
        )
    ]


def _backup_text(text: str, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html"""
    kind = frame.attributes["EventType"].removesuffix("_JOB").lower()
    found = re.search(r"Resource ARN ?: ?(arn:\S+?)\.?(?:\s|$)", text)
    arn = found.group(1) if found else ""
    topic = Arn(frame.topic)
    return [
        _backup_notice(
            kind,
            frame.attributes["State"],
            frame.attributes.get("Id") or frame.record,
            arn=arn,
            account=frame.attributes.get("AccountId") or topic.account,
            region=Arn(arn).region or topic.region,
            since=frame.attributes.get("StartTime") or frame.sent,
            what=text,
            vault="",
        )
    ]


def _backup_notice(
    kind: str, state: str, job: str, arn: str, account: str, region: str, since: str, what: str, vault: str
) -> Notice:
    name, link = resource(arn, region) if arn else (job, "")
    here = page(region, f"backup/home?region={region}#/jobs/{kind}")
    severity = {
        **dict.fromkeys(("FAILED", "EXPIRED", "PARTIAL"), Severity.HIGH),
        **dict.fromkeys(("ABORTED", "ABORTING"), Severity.MEDIUM),
    }.get(state, Severity.INFORMATION)
    return Notice(
        source="Backup",
        severity=severity,
        title=f"{kind.capitalize()} job {state.lower()}: {name}",
        identity=f"backup {kind} {job}",
        state=state,
        what=what,
        account=account,
        region=region,
        resource=name,
        link=link or here,
        since=since,
        advice="Nothing."
        if severity == Severity.INFORMATION
        else "Mend the cause, then start the job again: until then the newest copy is an older one.",
        more=("Jobs", here),
        facts=(("Job", job), ("Vault", vault)),
    )


def _rds_message(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.overview.html"""
    topic = Arn(frame.topic)
    arn = Arn(event.get("Source ARN") or "")
    return [
        _rds_notice(
            name=event["Source ID"],
            kind=event["Event Source"],
            arn=event.get("Source ARN") or "",
            account=arn.account or topic.account,
            region=arn.region or topic.region,
            number=event["Event ID"].rpartition("#")[2],
            message=event["Event Message"],
            time=event.get("Event Time") or frame.sent,
            link=event.get("Identifier Link") or "",
            categories=[],
        )
    ]


def _rds_event(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html"""
    detail = event["detail"]
    return [
        _rds_notice(
            name=detail["SourceIdentifier"],
            kind=detail["SourceType"].lower().replace("_", "-"),
            arn=detail.get("SourceArn") or "",
            account=event.get("account") or "",
            region=event.get("region") or "",
            number=detail.get("EventID") or "",
            message=detail["Message"],
            time=detail.get("Date") or event.get("time") or "",
            link="",
            categories=detail.get("EventCategories") or [],
        )
    ]


def _rds_notice(
    name: str,
    kind: str,
    arn: str,
    account: str,
    region: str,
    number: str,
    message: str,
    time: str,
    link: str,
    categories: list[str],
) -> Notice:
    severity, advice = _rds_judged(message, categories)
    here = page(region, f"rds/home?region={region}#events:")
    # Some messages go on with numbers in brackets, and with advice.
    sentence = re.split(r"(?<=[.!])\s|\s\[", message.strip(), maxsplit=1)[0] or number
    return Notice(
        source="RDS",
        severity=severity,
        title=f"{name}: {sentence}",
        identity=f"rds {arn or name} {number} {second(time)}",
        what=message if message != sentence else "",
        account=account,
        region=region,
        resource=f"{name} ({kind.replace('-', ' ')})",
        link=Arn(arn).page(region) or link or here,
        since=time,
        advice=advice,
        more=("Events", here),
        facts=(("Event", number), ("Category", ", ".join(categories))),
    )


def _rds_judged(message: str, categories: list[str]) -> tuple[Severity, str]:
    """How bad it is: by category, which only EventBridge tells, and by the words that AWS uses for it."""
    said = " ".join([*categories, message]).lower()
    return next((judged for words, judged in _RDS_WORDS if re.search(words, said)), (Severity.INFORMATION, "Nothing."))


_RDS_WORDS = (
    (r"storage (capacity )?.*\b(exhausted|low|full)\b|low storage", (Severity.HIGH, "Enlarge the storage now.")),
    (r"complete|finished|has been recovered|resumed", (Severity.INFORMATION, "Nothing.")),
    (r"\bfail(ed|ure|s)?\b|incompatible|error\b", (Severity.HIGH, "See whether it serves; restore it if it does not.")),
    (r"failover", (Severity.HIGH, "See that applications connect again, and what it failed over for.")),
    (r"recovery|shut ?down|restarted|availability", (Severity.MEDIUM, "See that it was meant, and that it serves.")),
    (r"maintenance|patch|offline|upgrade", (Severity.LOW, "See that it happens at a time that suits you.")),
)


def _budget(text: str, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html; its text is a mail's."""
    values = dict(re.findall(r"^\s*([A-Za-z ]+?):\s*(.+?)\s*$", text, re.MULTILINE))
    name, kind = values["Budget Name"], values.get("Alert Type", "ACTUAL").upper()
    spent = next((value for key, value in values.items() if key.upper() == f"{kind} AMOUNT"), "")
    account = re.search(r"AWS Account:?\s*(\d{12})", text)
    over = _amount(spent) >= _amount(values.get("Budgeted Amount", "")) > 0
    severity = Severity.HIGH if kind == "ACTUAL" and over else Severity.MEDIUM
    verb = "is forecast to be" if kind == "FORECASTED" else "is"
    account_id = account.group(1) if account else Arn(frame.topic).account
    threshold = values.get("Alert Threshold", "")
    return [
        Notice(
            source="Budgets",
            severity=severity,
            title=f"{name} {verb} {spent}, of {values.get('Budgeted Amount', 'its budget')}",
            # The month is the budget's period: each begins anew.
            identity=f"budget {account_id} {name} {kind} {threshold} {second(frame.sent)[:7]}",
            what=f"The {kind.lower()} amount passed the threshold{f' {threshold}' if threshold else ''}.",
            account=account_id,
            resource=name,
            link=page("", "costmanagement/home#/budgets"),
            since=frame.sent,
            advice="See in the Cost Explorer what grew, by service and by usage type.",
            more=("Cost Explorer", page("", "costmanagement/home#/cost-explorer")),
            facts=(
                ("Budget", values.get("Budgeted Amount", "")),
                ("Forecast" if kind == "FORECASTED" else "Actual", spent),
                ("Threshold", threshold),
                ("Kind", values.get("Budget Type", "")),
            ),
        )
    ]


def _amount(text: str) -> float:
    digits = re.sub(r"[^0-9.]", "", text)
    return float(digits) if digits.strip(".") else 0.0


def _trusted_advisor(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/awssupport/latest/user/cloudwatch-events-ta.html"""
    detail = event["detail"]
    item = {key: str(value) for key, value in (detail.get("check-item-detail") or {}).items() if value}
    # Its own region is always us-east-1; the item's may carry the zone: "eu-west-1a" or "eu-west-1".
    region = item.get("Region") or item.get("Region/AZ") or ""
    named = detail.get("resource_id") or ""
    name, link = resource(named, region) if named else (next(iter(item.values()), ""), "")
    severity = {"ERROR": Severity.HIGH, "WARN": Severity.MEDIUM, "OK": Severity.RESOLVED}.get(
        detail.get("status"), Severity.INFORMATION
    )
    title = {Severity.RESOLVED: "OK again: "}.get(severity, "") + detail["check-name"]
    here = page("", "trustedadvisor/home#/dashboard")
    return [
        Notice(
            source="Trusted Advisor",
            severity=severity,
            title=title,
            identity=f"advisor {event.get('account')} {detail['check-name']} {named or detail.get('uuid')}",
            state=detail.get("status") or "",
            what=f"The check {detail['check-name']} says {detail.get('status')}.",
            account=event.get("account") or "",
            region=region,
            resource=name,
            link=link or here,
            since=event.get("time") or "",
            advice="Nothing."
            if severity == Severity.RESOLVED
            else "Follow the check's recommendation, or exclude the item.",
            more=("All checks", here),
            facts=tuple((key, value) for key, value in item.items() if key not in ("Region", "Region/AZ"))[:6],
        )
    ]


def _pipeline(event: Event, frame: Frame) -> list[Notice]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html

    A notification rule says ``detailType`` for ``detail-type``, and adds what failed.
    """
    detail = event["detail"]
    region, name, state = event.get("region") or "", detail["pipeline"], detail["state"]
    severity = {
        "FAILED": Severity.HIGH,
        "ABANDONED": Severity.MEDIUM,
        "CANCELED": Severity.LOW,
        "STOPPED": Severity.LOW,
    }.get(state, Severity.INFORMATION)
    failed = (event.get("additionalAttributes") or {}).get("failedActions") or []
    result = detail.get("execution-result") or {}
    said = [f"{each.get('action')}: {each.get('additionalInformation')}" for each in failed]
    said += [
        result.get("external-execution-summary")
        or (event.get("additionalAttributes") or {}).get("additionalInformation")
    ]
    step = " / ".join(filter(None, [detail.get("stage"), detail.get("action")]))
    execution = detail.get("execution-id") or ""
    return [
        Notice(
            source="CodePipeline",
            severity=severity,
            title=f"{name}{f' ({step})' if step else ''}: {state.lower()}",
            identity=f"pipeline {event.get('account')} {region} {name} {execution} {step}",
            state=f"{state} {detail.get('pipeline-execution-attempt', '')}",
            what="\n".join(filter(None, said)),
            account=event.get("account") or "",
            region=region,
            resource=name,
            link=page(
                region,
                f"codesuite/codepipeline/pipelines/{word(name)}/executions/{word(execution)}/timeline?region={region}",
            ),
            since=detail.get("start-time") or event.get("time") or "",
            advice="Read the log of the step that failed, mend it, and retry the stage."
            if severity == Severity.HIGH
            else "Nothing.",
            more=("Log", result["external-execution-url"]) if result.get("external-execution-url") else ("", ""),
            facts=(("State", state), ("Execution", execution)),
        )
    ]


def _config(event: Event, frame: Frame) -> list[Notice]:
    """By EventBridge, or by the delivery channel's topic, where the detail comes alone.

    https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html
    """
    detail = event.get("detail") or event
    region = detail.get("awsRegion") or event.get("region") or ""
    account = detail.get("awsAccountId") or event.get("account") or ""
    rule, kind, name = detail["configRuleName"], detail["resourceType"], detail["resourceId"]
    new = detail["newEvaluationResult"]
    compliance = new["complianceType"]
    severity = {"NON_COMPLIANT": Severity.MEDIUM, "COMPLIANT": Severity.RESOLVED}.get(compliance, Severity.INFORMATION)
    timeline = page(
        region, f"config/home?region={region}#/resources/timeline?resourceId={word(name)}&resourceType={word(kind)}"
    )
    return [
        Notice(
            source="Config",
            severity=severity,
            title=f"{name} is {compliance.lower().replace('_', ' ').replace('non ', 'non-')} with {rule}",
            identity=f"config {account} {region} {rule} {kind} {name}",
            # AWS sends changes only, so that one back and forth is news.
            state=f"{compliance} {second(new.get('resultRecordedTime') or event.get('time') or '')}",
            what=new.get("annotation") or f"{kind} {name}: {rule} says {compliance}.",
            account=account,
            region=region,
            resource=f"{name} ({kind})",
            link=timeline,
            since=new.get("resultRecordedTime") or event.get("time") or "",
            advice="Nothing."
            if severity == Severity.RESOLVED
            else "See in the timeline who changed what; if the rule has a remediation, see that it did its work.",
            more=("Rule", page(region, f"config/home?region={region}#/rules/details?configRuleName={word(rule)}")),
            facts=(("Before", (detail.get("oldEvaluationResult") or {}).get("complianceType") or ""),),
        )
    ]


def _unknown(payload: Any, frame: Frame) -> list[Notice]:
    """Anything else, as it is."""
    event = payload if isinstance(payload, dict) else {}
    text = payload if isinstance(payload, str) else json.dumps(payload, indent=2, ensure_ascii=False, default=str)
    topic = Arn(frame.topic)
    lines = text.strip().splitlines() if isinstance(payload, str) else []
    title = event.get("detail-type") or event.get("detailType") or frame.subject or (lines[0] if lines else "")
    resources = event.get("resources")
    named = resources[0] if isinstance(resources, list) and resources and isinstance(resources[0], str) else ""
    name, link = resource(named, topic.region) if named else ("", "")
    return [
        Notice(
            source=str(event.get("source") or "An unknown source"),
            severity=frame.severity or Severity.INFORMATION,
            title=str(title) or "An event",
            # Nobody knows what makes two of them the same.
            identity=f"record {frame.record or event.get('id') or text}",
            what=text,
            account=str(event.get("account") or topic.account),
            region=str(event.get("region") or topic.region),
            resource=name,
            link=link,
            since=str(event.get("time") or frame.sent),
            advice="Read it.",
            verbatim=True,
        )
    ]


def _times(count: Any) -> str:
    return "" if not count else "once" if count == 1 else f"{count} times"


def _from(source: str, *kinds: str) -> Callable[[Any, Frame], bool]:
    """Whether it is EventBridge's event of that source, whose detail-type contains one of the words."""

    def knows(event: Any, frame: Frame) -> bool:
        if not isinstance(event, dict) or event.get("source") != source or not isinstance(event.get("detail"), dict):
            return False
        said = str(event.get("detail-type") or event.get("detailType") or "")
        return any(kind in said for kind in kinds)

    return knows


def _with(*members: str) -> Callable[[Any, Frame], bool]:
    """Whether it is an object that has these members."""
    return lambda event, frame: isinstance(event, dict) and all(member in event for member in members)


READERS = (
    Reader("CloudWatch", _with("AlarmName", "NewStateValue"), _alarm),
    Reader("CloudWatch", _from("aws.cloudwatch", "Alarm State Change"), _alarm_event),
    Reader("CloudWatch", _with("alarmArn", "alarmData"), _alarm_action),
    Reader("GuardDuty", _from("aws.guardduty", "GuardDuty Finding"), _guardduty),
    Reader("Security Hub", _from("aws.securityhub", "Security Hub Findings"), _security_hub),
    Reader("Inspector", _from("aws.inspector2", "Inspector2 Finding"), _inspector),
    Reader("AWS Health", _from("aws.health", "AWS Health"), _health),
    Reader("Backup", _from("aws.backup", "Job State Change"), _backup_event),
    Reader("Backup", lambda text, frame: isinstance(text, str) and _is_backup(frame), _backup_text),
    Reader("RDS", _with("Event Source", "Source ID", "Event ID", "Event Message"), _rds_message),
    Reader("RDS", _from("aws.rds", " Event"), _rds_event),
    Reader("Budgets", lambda text, frame: isinstance(text, str) and "Budget Name:" in text, _budget),
    Reader("Trusted Advisor", _from("aws.trustedadvisor", "Check Item Refresh"), _trusted_advisor),
    Reader("CodePipeline", _from("aws.codepipeline", "Execution State Change"), _pipeline),
    Reader("Config", _from("aws.config", "Compliance Change"), _config),
    Reader("Config", _with("configRuleName", "newEvaluationResult"), _config),
)


def _is_backup(frame: Frame) -> bool:
    return frame.attributes.get("EventType", "").endswith("_JOB") and "State" in frame.attributes
