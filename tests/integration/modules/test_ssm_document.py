# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

from .conftest import REGION, Story

NAME = "example-disk-usage"


def content(command):
    step = {"name": "run", "action": "aws:runShellScript", "inputs": {"runCommand": [command]}}
    return {"schemaVersion": "2.2", "description": "Say it", "mainSteps": [step]}


def change_behind_its_back(sandbox):
    ssm = sandbox.client("ssm", REGION)
    ssm.update_document(Name=NAME, Content=json.dumps(content("id")), DocumentVersion="$LATEST", DocumentFormat="JSON")
    ssm.update_document_default_version(Name=NAME, DocumentVersion="3")
    ssm.remove_tags_from_resource(ResourceType="Document", ResourceId=NAME, TagKeys=["Environment"])


def test_story(modules):
    modules.tell(
        Story(
            module="ssm_document",
            returns="document",
            identity={"name": NAME},
            present={
                "content": content("df -h"),
                "target_type": "/AWS::EC2::Instance",
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"content": content("df -i"), "document_format": "YAML"},
                {"tags": {"Environment": "changed"}},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"default_version", "latest_version", "document_format"}),
        )
    )


def test_what_it_had_before_becomes_the_default_again(modules, sandbox):
    keep = {"name": NAME, "tags": {}, "target_type": "/"}
    for number, command in enumerate(("one", "two", "three"), 1):
        document = modules.run("ssm_document", **keep, content=content(command))["document"]
        assert (document["default_version"], document["latest_version"]) == (str(number), str(number))
    # No version is made of content that there was, nor of a format alone.
    document = modules.run("ssm_document", **keep, content=content("one"))["document"]
    assert (document["default_version"], document["latest_version"]) == ("1", "3")
    assert not modules.run("ssm_document", **keep, content=content("one"), document_format="YAML")["changed"]
    ssm = sandbox.client("ssm", REGION)
    assert json.loads(ssm.get_document(Name=NAME)["Content"]) == content("one")
    versions = ssm.list_document_versions(Name=NAME)["DocumentVersions"]
    assert [(each["DocumentVersion"], each["IsDefaultVersion"]) for each in versions] == [
        ("3", False),
        ("2", False),
        ("1", True),
    ]
    refused = modules.attempt("ssm_document", name=NAME, document_type="Automation")
    assert "is of the type Command" in refused["msg"]
    assert "needs some" in modules.attempt("ssm_document", name="example-empty")["msg"]
    assert "needs some" in modules.attempt("ssm_document", name=NAME, content={})["msg"]
