# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Messages keep to Slack's limits, and nothing in an event can mention people or forge a link."""

from __future__ import annotations

import json

import pytest
from slack import message
from slack.notice import Notice, Severity

LONG = "<&>" * 5000


def notice(**values):
    return Notice(**{"source": "GuardDuty", "severity": Severity.HIGH, "title": "T", "identity": "i", **values})


def blocks_of(made):
    (attachment,) = made["attachments"]
    return attachment["blocks"]


def texts_of(made):
    for block in blocks_of(made):
        yield from [block["text"]] if "text" in block else []
        yield from block.get("fields", [])
        yield from block.get("elements", [])


def assert_within_limits(made):
    blocks = blocks_of(made)
    assert 1 <= len(blocks) <= 20
    total = 0
    for block in blocks:
        if block["type"] == "header":
            assert 1 <= len(block["text"]["text"]) <= 150
        elif "fields" in block:
            assert 1 <= len(block["fields"]) <= 10
            assert all(1 <= len(field["text"]) <= 2000 for field in block["fields"])
        elif block["type"] == "context":
            assert 1 <= len(block["elements"]) <= 10
        else:
            assert 1 <= len(block["text"]["text"]) <= 3000
        total += len(json.dumps(block, ensure_ascii=False))
    assert total <= 13200


def test_a_notice_at_a_glance():
    made = message.one(
        notice(
            title="A <bad> thing",
            what="It <!channel> happened",
            account="123456789012",
            region="eu-west-1",
            resource="i-1",
            link="https://example.com/?a=1&b=2",
            since="2026-05-04T03:12:44Z",
            advice="Do it",
            more=("Finding", "https://example.com/finding"),
            facts=(("Type", "X"), ("Empty", "")),
        )
    )
    (attachment,) = made["attachments"]
    assert (attachment["color"], attachment["fallback"]) == ("#e01e5a", "HIGH: A &lt;bad&gt; thing")
    header, what, fields, advice, context = attachment["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "🔴 HIGH · A <bad> thing", "emoji": False}
    assert what["text"] == {"type": "mrkdwn", "text": "It &lt;!channel&gt; happened", "verbatim": True}
    assert [field["text"] for field in fields["fields"]] == [
        "*Resource*\n<https://example.com/?a=1&amp;b=2|i-1>",
        "*Where*\n123456789012 · eu-west-1",
        "*Since*\n<!date^1777864364^{date_short_pretty} {time}|2026-05-04 03:12 UTC>",
        "*Type*\nX",
    ]
    assert advice["text"]["text"] == "*What to do*\nDo it"
    assert [each["text"] for each in context["elements"]] == ["GuardDuty", "<https://example.com/finding|Finding>"]


def test_a_notice_of_nearly_nothing():
    made = message.one(notice())
    assert [block["type"] for block in blocks_of(made)] == ["header", "context"]
    assert_within_limits(made)


@pytest.mark.parametrize("verbatim", [False, True])
def test_the_longest_notice_is_within_the_limits(verbatim):
    facts = tuple((f"Fact {number}", LONG) for number in range(20))
    texts = dict.fromkeys(("title", "what", "account", "region", "resource", "since", "advice"), LONG)
    longest = notice(**texts, link="https://example.com/" + "&" * 55, facts=facts, verbatim=verbatim)
    for made in (message.one(longest), message.brief(longest)):
        assert_within_limits(made)
        assert message.MARK in json.dumps(made, ensure_ascii=False)
    for number in (6, 25, 50):
        for _part, made in message.several("S", [longest] * number):
            assert_within_limits(made)


def test_events_mention_nobody():
    hostile = "<!channel> <@U012AB3CD> <https://example.com|click> @here"
    texts = dict.fromkeys(("what", "account", "region", "resource", "since", "advice"), hostile)
    hostile_notice = notice(title=hostile, **texts, facts=((hostile, hostile),), link="https://example.com/|<!here>")
    for made in (message.one(hostile_notice), message.brief(hostile_notice)):
        for text in texts_of(made):
            if text["type"] == "mrkdwn":
                assert text["verbatim"]
                assert not [word for word in ("<!c", "<!h", "<@", "|click>") if word in text["text"]]


def test_only_a_web_page_is_linked():
    assert message.link("x", "javascript:alert(1)") == "x"


def test_what_is_cut_shows_it():
    assert message.cut("a" * 10, 10) == "a" * 10
    assert message.cut("a" * 11, 10) == "aaa… (cut)"
    # No escape is cut in two.
    assert message.cut("&" * 20, 20) == "&amp;&amp;… (cut)"


def test_a_list_begins_with_the_worst():
    notices = [notice(title=f"T{number}", severity=Severity(number % 6)) for number in range(23)]
    messages = message.several("GuardDuty", notices)
    assert [len(part) for part, made in messages] == [16, 7]
    assert {id(each) for part, made in messages for each in part} == {id(each) for each in notices}
    first = messages[0][1]
    assert first["attachments"][0]["color"] == Severity.CRITICAL.color
    assert blocks_of(first)[0]["text"]["text"] == "🟥 CRITICAL · 23 notices from GuardDuty (1 of 2)"
    assert blocks_of(first)[1]["text"]["text"].startswith("🟥 *CRITICAL* T5")


def test_a_list_says_once_where_all_of_it_is():
    here = [notice(title=f"T{number}", account="123456789012", region="eu-west-1") for number in range(6)]
    made = message.several("S", here)[0][1]
    assert json.dumps(made).count("eu-west-1") == 1
    made = message.several("S", [*here, notice(region="us-east-1")])[0][1]
    assert json.dumps(made).count("eu-west-1") == 6


def test_data_is_shown_in_its_lines():
    made = message.one(notice(what='{\n  "a": "```"\n}', verbatim=True))
    assert blocks_of(made)[1]["text"]["text"] == '```{\n  "a": "\'\'\'"\n}```'
