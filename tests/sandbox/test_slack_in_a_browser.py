# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The page of Slack's stand-in, as a browser has it when it has read and run all of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .conftest import ROOT, SAMPLES, post

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# `make test` needs Python, git and make alone, and no index of packages of Python has a browser.
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium: apt-get install chromium")


class Page(HTMLParser):
    """What is on a page: how many messages, their titles, where links lead, and the colours of the bars."""

    def __init__(self, dom: str) -> None:
        super().__init__()
        self.messages, self.titles, self.links, self.colors, self.summary = 0, [], [], [], ""
        self._within = ""
        self.feed(dom)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._within = tag
        self.messages += tag == "article"
        if tag == "h2":
            self.titles.append("")
        if tag == "a":
            self.links.append(attributes["href"])
        if attributes.get("class") == "bar":
            self.colors.append(attributes["style"].removeprefix("background: "))

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "h2":
            self.titles[-1] += data
        if self._within == "p" and not self.summary:
            self.summary = data


@pytest.fixture
def dom(own, tmp_path):
    """Answers the page's document as the browser has it."""

    def dump() -> str:
        # A browser that runs as root, as in a container, does not run otherwise.
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={tmp_path}")
        page = f"{own.endpoint}/_sandbox/slack"
        run = subprocess.run([BROWSER, *options, page], capture_output=True, text=True, timeout=120, check=True)
        return run.stdout

    return dump


@pytest.fixture
def say(own, monkeypatch):
    """Posts what the estate's function says of a sample."""
    monkeypatch.syspath_prepend(ROOT / "roles" / "notification" / "files")
    from slack import function, message, readers

    def say_all(sample: Path) -> list[str]:
        titles = []
        for record in function.unpack(json.loads(sample.read_text(encoding="utf-8"))):
            for notice in readers.read(record.payload, record.frame)[0]:
                assert post(own.slack_webhook, message.one(notice))[0] == 200
                titles.append(f"{notice.severity.word.upper()} · {notice.title}")
        return titles

    return say_all


def test_every_message_is_on_the_page_the_newest_first(dom, say):
    titles = [title for sample in SAMPLES for title in say(sample)]
    page = Page(dom())
    assert page.messages == len(titles)
    assert page.summary == f"{len(titles)} messages"
    # Before each title there is its mark.
    assert [re.sub(r"^\W+", "", title) for title in page.titles] == titles[::-1]
    assert len(page.colors) == len(titles)
    assert len(set(page.colors)) > 3
    assert {link.partition("/")[0] for link in page.links} == {"https:"}
    assert any("console.aws.amazon.com" in link for link in page.links)


def test_an_empty_page_says_so(dom):
    shown = dom()
    assert Page(shown).messages == 0
    assert "Nothing has been posted yet." in shown


def test_what_was_not_taken_is_shown_with_its_reason(own, dom):
    assert post(own.slack_webhook, {"blocks": [{"type": "wrong"}]})[0] == 400
    shown = dom()
    assert "A message was answered 400 invalid_blocks" in shown
    assert "has the type 'wrong', which no message has." in shown
