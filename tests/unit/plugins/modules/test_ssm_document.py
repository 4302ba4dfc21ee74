# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
import yaml
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import ssm_document as module

CONTENT = {"schemaVersion": "0.3", "mainSteps": [{"name": "x", "action": "aws:sleep", "inputs": {"Script": "a\nb\n"}}]}
PARAMS = {
    "name": "example",
    "document_type": None,
    "content": CONTENT,
    "document_format": "JSON",
    "version_name": None,
    "target_type": None,
    "tags": None,
    "purge_tags": True,
    "wait": True,
    "wait_timeout": 120,
}


@pytest.mark.parametrize(("document_format", "read"), [("JSON", json.loads), ("YAML", yaml.safe_load)])
def test_content_keeps_its_order(document_format, read):
    text = module.write(CONTENT, document_format)
    assert read(text) == CONTENT
    assert text.index("schemaVersion") < text.index("mainSteps")


def test_what_is_null_in_content_stays():
    assert module.normal({}, {"a": {"b": None}}) == {"content": {"a": {"b": None}}}
    assert module.normal({"tags": {}}, None) == {"tags": {}}


class Ssm:
    """Systems Manager, with a version in these states, one after the other."""

    def __init__(self, *states):
        self.states = list(states)

    def describe_document(self, **arguments):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"Document": {"Status": state, "StatusInformation": "no reason"}}


def document(monkeypatch, *states, **params):
    now = iter(range(1000))
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(now) * 50)
    return module.Document({**PARAMS, **params}, Ssm(*states))


def test_it_waits_until_a_version_can_be_used(monkeypatch):
    assert document(monkeypatch, "Creating", "Active")._wait_for("1")
    assert not document(monkeypatch, "Creating", wait=False)._wait_for("1")
    with pytest.raises(AnsibleAWSError, match="is still Updating after 120 s"):
        document(monkeypatch, "Updating")._wait_for("2")
    with pytest.raises(AnsibleAWSError, match="cannot be used: no reason"):
        document(monkeypatch, "Creating", "Failed")._wait_for("2")
