# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

PARTNER = {"name": "partner", "filter": [{"key": "principal.AWS", "contains": ["111122223333"]}]}
PRIVATE = {"name": "private", "filter": [{"key": "isPublic", "eq": ["false"]}, {"key": "error", "exists": False}]}


def change_behind_its_back(sandbox):
    client = sandbox.client("accessanalyzer", REGION)
    for rule in client.list_archive_rules(analyzerName="example")["archiveRules"]:
        client.delete_archive_rule(analyzerName="example", ruleName=rule["ruleName"])
    client.untag_resource(
        resourceArn=client.get_analyzer(analyzerName="example")["analyzer"]["arn"], tagKeys=["Environment"]
    )


STORIES = [
    Story(
        module="accessanalyzer_analyzer",
        returns="analyzer",
        identity={"name": "example"},
        present={"archive_rules": [PRIVATE, PARTNER], "tags": {"Environment": "test", "Owner": "web"}},
        changes=(
            {"archive_rules": [{**PARTNER, "filter": [{"key": "isPublic", "neq": ["true"]}]}]},
            {"tags": {"Environment": "changed"}},
        ),
        drift=change_behind_its_back,
        unpredictable=frozenset({"arn"}),
    ),
    Story(
        module="accessanalyzer_analyzer",
        returns="analyzer",
        identity={"name": "example", "type": "account_unused_access"},
        present={"archive_rules": [PARTNER], "tags": {"Environment": "test"}},
        changes=(
            {"unused_access": {"age": 180}},
            {"unused_access": {"exclusions": [{"resource_tags": [{"Owner": "audit"}]}]}},
        ),
        drift=change_behind_its_back,
        unpredictable=frozenset({"arn"}),
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=["external", "unused"])
def test_story(modules, story):
    modules.tell(story)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"type": "account_unused_access"}, "cannot make it account_unused_access"),
        ({"unused_access": {"age": 30}}, "unused_access is given"),
    ],
)
def test_refused(modules, arguments, said, check):
    modules.run("accessanalyzer_analyzer", name="example")
    assert said in modules.attempt("accessanalyzer_analyzer", name="example", check=check, **arguments)["msg"]
