# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documents that belong to Amazon: their names and parameters, with steps of our own where the sandbox runs them.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.ssm.models import Document, Documents, SimpleSystemManagerBackend

from sandbox.operations import mend


def _text(default: str | None = "", allowed: list[str] | None = None, pattern: str | None = None) -> dict[str, Any]:
    known: dict[str, Any] = {"type": "String", "description": "See AWS's own text."}
    if default is not None:
        known["default"] = default
    if pattern:
        known["allowedPattern"] = pattern
    return {**known, "allowedValues": allowed} if allowed else known


def _lines() -> dict[str, Any]:
    return {"type": "StringList", "description": "The lines to run.", "minItems": 1}


def _linux(action: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    precondition = {"StringEquals": ["platformType", "Linux"]}
    return {"action": action, "precondition": precondition, "name": name, "inputs": inputs}


# What is known of AWS's script by documents that were made from it, such as
# https://github.com/aws-games/cloud-game-development-toolkit: what it installs on which distribution, that everything
# of an archive is extracted where it lies, how Ansible is called, and what is said when something is missing. That of
# Amazon Linux and Red Hat is left out, as no machine here has them.
_APPLY_PLAYBOOKS = [
    "if [ '{{ InstallDependencies }}' = True ]; then",
    "    if grep -qi ubuntu /etc/issue; then",
    "        apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y ansible wget unzip",
    "    else",
    '        echo "Unsupported operating system. Please install Ansible, wget, and unzip manually." >&2',
    "        exit 1",
    "    fi",
    "fi",
    'echo "Running Ansible in $(pwd)"',
    "for zip in $(find . -iname '*.zip'); do unzip -o \"$zip\"; done",
    "if [ ! -f '{{ PlaybookFile }}' ]; then",
    "    echo \"The specified Playbook file doesn't exist in the downloaded bundle."
    ' Please review the relative path and file name." >&2',
    "    exit 2",
    "fi",
    "check=; [ '{{ Check }}' = False ] || check=--check",
    "ansible-playbook -i localhost, $check -c local -e \"{{ ExtraVariables }}\" '{{ Verbose }}' '{{ PlaybookFile }}'",
]
_ENABLED = ["Enabled", "Disabled"]
_INVENTORY = (
    "applications",
    "awsComponents",
    "networkConfig",
    "instanceDetailedInformation",
    "services",
    "billingInfo",
)
_DOCUMENTS: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "AWS-RunShellScript": (
        "Run a shell script or specify the commands to run.",
        {"commands": _lines(), "workingDirectory": _text(), "executionTimeout": _text("3600")},
        [
            _linux(
                "aws:runShellScript",
                "aws:runShellScript",
                {
                    "runCommand": "{{ commands }}",
                    "workingDirectory": "{{ workingDirectory }}",
                    "timeoutSeconds": "{{ executionTimeout }}",
                },
            )
        ],
    ),
    "AWS-RunPatchBaseline": (
        "Scans for or installs patches from a patch baseline.",
        {
            "Operation": _text(None, ["Scan", "Install"]),
            "AssociationId": _text(),
            "SnapshotId": _text(),
            "InstallOverrideList": _text(),
            "BaselineOverride": _text(),
            "RebootOption": _text("RebootIfNeeded", ["RebootIfNeeded", "NoReboot"]),
            "StepTimeoutSeconds": _text("7200"),
        },
        [
            _linux(
                "sandbox:patch",
                "PatchLinux",
                {"operation": "{{ Operation }}", "rebootOption": "{{ RebootOption }}"},
            )
        ],
    ),
    "AWS-UpdateSSMAgent": (
        "Update the Amazon SSM Agent to the latest version or specified version.",
        {"version": _text(), "allowDowngrade": _text("false", ["true", "false"])},
        [_linux("aws:updateSsmAgent", "awsupdateSsmAgent", {"agentName": "amazon-ssm-agent"})],
    ),
    "AWS-ConfigureAWSPackage": (
        "Install or uninstall a Distributor package.",
        {
            "action": _text(None, ["Install", "Uninstall"]),
            "installationType": _text("Uninstall and reinstall", ["Uninstall and reinstall", "In-place update"]),
            "name": _text(None),
            "version": _text(),
            "additionalArguments": {"type": "StringMap", "default": {}},
        },
        [_linux("aws:configurePackage", "configurePackage", {"name": "{{ name }}", "action": "{{ action }}"})],
    ),
    "AmazonCloudWatch-ManageAgent": (
        "Send commands to Amazon CloudWatch Agent.",
        {
            "action": _text(
                "configure", ["configure", "configure (append)", "configure (remove)", "start", "status", "stop"]
            ),
            "mode": _text("ec2", ["ec2", "onPremise", "auto"]),
            "optionalConfigurationSource": _text("ssm", ["ssm", "default", "all"]),
            "optionalConfigurationLocation": _text(),
            "optionalOpenTelemetryCollectorConfigurationSource": _text("ssm", ["ssm"]),
            "optionalOpenTelemetryCollectorConfigurationLocation": _text(),
            "optionalRestart": _text("yes", ["yes", "no"]),
        },
        [
            _linux(
                "aws:runShellScript",
                "ControlCloudWatchAgentLinux",
                {
                    "runCommand": [
                        "ctl=/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl",
                        "restart=; [ '{{ optionalRestart }}' = no ] || restart=-s",
                        "from='{{ optionalConfigurationSource }}'",
                        "[ \"$from\" != ssm ] || from='ssm:{{ optionalConfigurationLocation }}'",
                        "case '{{ action }}' in",
                        'configure) "$ctl" -a fetch-config -m \'{{ mode }}\' -c "$from" $restart ;;',
                        "'configure (append)') \"$ctl\" -a append-config -m '{{ mode }}' -c \"$from\" $restart ;;",
                        "'configure (remove)') \"$ctl\" -a remove-config -m '{{ mode }}' -c \"$from\" $restart ;;",
                        "*) \"$ctl\" -a '{{ action }}' -m '{{ mode }}' ;;",
                        "esac",
                    ]
                },
            )
        ],
    ),
    "AWS-GatherSoftwareInventory": (
        "Software Inventory Policy Document.",
        {
            **{name: _text("Enabled", _ENABLED) for name in _INVENTORY},
            "windowsUpdates": _text("Enabled", _ENABLED),
            "customInventory": _text("Enabled", _ENABLED),
            "windowsRoles": _text("Enabled", _ENABLED),
            "files": _text(),
            "windowsRegistry": _text(),
        },
        [{"action": "aws:softwareInventory", "name": "collectSoftwareInventoryItems", "inputs": {}}],
    ),
    "AWS-ApplyAnsiblePlaybooks": (
        "Use this document to run Ansible playbooks on systems.",
        {
            "SourceType": _text("S3", ["GitHub", "S3"]),
            "SourceInfo": {"type": "StringMap", "default": {}},
            "InstallDependencies": _text("True", ["True", "False"]),
            "PlaybookFile": _text("hello-world-playbook.yml", pattern=r"[(a-z_A-Z0-9\-\.)/]+(.yml|.yaml)$"),
            "ExtraVariables": _text(
                "SSM=True",
                pattern=r"^$|^\w+\=(([^\s|:();&]+)|('[^|:();&]+'))(\s+\w+\=(([^\s|:();&]+)|('[^|:();&]+')))*$",
            ),
            "Check": _text("False", ["True", "False"]),
            "Verbose": _text("-v", ["-v", "-vv", "-vvv", "-vvvv"]),
            "TimeoutSeconds": _text("3600"),
        },
        [
            _linux(
                "aws:downloadContent",
                "downloadContent",
                {"SourceType": "{{ SourceType }}", "SourceInfo": "{{ SourceInfo }}"},
            ),
            _linux(
                "aws:runShellScript",
                "runShellScript",
                {"runCommand": _APPLY_PLAYBOOKS, "timeoutSeconds": "{{ TimeoutSeconds }}"},
            ),
        ],
    ),
}


@functools.cache
def _amazon(name: str) -> Documents | None:
    if name not in _DOCUMENTS:
        return None
    description, parameters, steps = _DOCUMENTS[name]
    content = {"schemaVersion": "2.2", "description": description, "parameters": parameters, "mainSteps": steps}
    document = Document("Amazon", name, "", json.dumps(content), "Command", "JSON", [], [], "")
    return Documents(document)


@mend(SimpleSystemManagerBackend, "_get_documents")
def get_documents(original: Callable, self: SimpleSystemManagerBackend, name: str) -> Documents:
    """Everybody can read, and run, what belongs to Amazon."""
    return _amazon(name) if name not in self._documents and name in _DOCUMENTS else original(self, name)
