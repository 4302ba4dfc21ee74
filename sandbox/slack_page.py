# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The page that shows what Slack's stand-in received, about as Slack would show it."""

from __future__ import annotations

import datetime
import html
import json
import re
from typing import Any

_NAMED_COLORS = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slack, on the sandbox ({count})</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; --back: #fff; --fore: #1d1c1d; --dim: #616061; --line: #e4e4e4; --link: #1264a3;
  --code: #f6f6f6; --wrong: #b3123f; --wrong-back: #fdf0f3; }}
@media (prefers-color-scheme: dark) {{ :root {{ --back: #1a1d21; --fore: #d1d2d3; --dim: #9a9b9d; --line: #35373b;
  --link: #4ba4e0; --code: #232529; --wrong: #ff8fa6; --wrong-back: #33202a; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--back); color: var(--fore);
  font: 15px/1.47 Lato, "Helvetica Neue", "Segoe UI", Arial, "Liberation Sans", "Noto Color Emoji", sans-serif; }}
header {{ position: sticky; top: 0; z-index: 1; background: var(--back); border-bottom: 1px solid var(--line); }}
header div, main {{ max-width: 860px; margin: 0 auto; padding: 12px 20px; }}
header h1 {{ font-size: 18px; margin: 0; display: inline; }}
header p {{ margin: 0 0 0 10px; display: inline; color: var(--dim); font-size: 13px; }}
main {{ padding-bottom: 40px; }}
.day {{ text-align: center; font-size: 13px; font-weight: 700; border-top: 1px solid var(--line);
  margin: 22px 0 8px; }}
.day span {{ position: relative; top: -11px; background: var(--back); border: 1px solid var(--line);
  border-radius: 24px; padding: 3px 14px; }}
article {{ display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 0 10px; padding: 8px 0; }}
.face {{ width: 36px; height: 36px; border-radius: 6px; background: #232f3e; color: #ff9900; font: 700 13px/36px Arial,
  sans-serif; text-align: center; }}
.by b {{ font-weight: 900; }}
.by i {{ font-style: normal; font-size: 10px; font-weight: 700; background: var(--line); color: var(--dim);
  border-radius: 2px; padding: 1px 4px; margin: 0 4px; vertical-align: 1px; }}
.by time {{ color: var(--dim); font-size: 12px; }}
.attachment {{ display: grid; grid-template-columns: 4px minmax(0, 1fr); gap: 12px; margin: 6px 0 4px; }}
.bar {{ border-radius: 8px; }}
.block {{ margin: 0 0 9px; overflow-wrap: anywhere; }}
.block:last-child {{ margin-bottom: 2px; }}
h2.block {{ font-size: 18px; line-height: 1.33; font-weight: 900; }}
.fields {{ display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 20px; }}
@media (max-width: 560px) {{ .fields {{ grid-template-columns: minmax(0, 1fr); }} }}
.context {{ color: var(--dim); font-size: 13px; }}
.context span + span {{ margin-left: 12px; }}
hr {{ border: 0; border-top: 1px solid var(--line); width: 100%; }}
a {{ color: var(--link); text-decoration: none; }}
a:hover {{ text-decoration: underline; }}
pre, code {{ font: 12px/1.5 Menlo, Consolas, "Liberation Mono", monospace; background: var(--code);
  border: 1px solid var(--line); border-radius: 4px; }}
pre {{ margin: 4px 0; padding: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }}
code {{ padding: 1px 4px; }}
.refused {{ margin: 6px 0; padding: 7px 12px; border-radius: 6px; background: var(--wrong-back); color: var(--wrong);
  font-size: 13px; }}
.refused ul {{ margin: 2px 0; padding-left: 18px; }}
.empty {{ color: var(--dim); text-align: center; padding: 80px 0; }}
</style>
</head>
<body>
<header><div><h1># alerts</h1><p>{summary}</p></div></header>
<main>
{messages}
</main>
<script>
setInterval(async () => {{
  try {{
    const received = await (await fetch("/_sandbox/slack/messages")).json();
    if (received.length !== {total}) location.reload();
  }} catch (error) {{ /* The sandbox is down: what is shown stays. */ }}
}}, 2000);
</script>
</body>
</html>
"""


def page(received: list[dict[str, Any]]) -> str:
    """The page of all requests, the newest first."""
    taken = [entry for entry in received if entry["status"] == 200]
    parts, day = [], ""
    for entry in reversed(received):
        time = datetime.datetime.fromisoformat(entry["time"])
        if f"{time:%A, %d %B %Y}" != day:
            day = f"{time:%A, %d %B %Y}"
            parts.append(f'<div class="day"><span>{day}</span></div>')
        parts.append(_message(entry, time) if entry["status"] == 200 else _refused(entry, time))
    if not received:
        parts.append('<p class="empty">Nothing has been posted yet.</p>')
    refused = len(received) - len(taken)
    summary = f"{len(taken)} messages" if len(taken) != 1 else "1 message"
    summary += f", {refused} not taken" if refused else ""
    return _PAGE.format(count=len(taken), total=len(received), summary=summary, messages="\n".join(parts))


def _message(entry: dict[str, Any], time: datetime.datetime) -> str:
    message = entry["message"]
    body = (
        [f'<p class="block">{mrkdwn(message["text"])}</p>'] if message.get("text") and not message.get("blocks") else []
    )
    body += [_block(block) for block in message.get("blocks", [])]
    body += [_attachment(attachment) for attachment in message.get("attachments", [])]
    return (
        f'<article><div class="face">aws</div><div><div class="by"><b>AWS alerts</b><i>APP</i>'
        f'<time datetime="{html.escape(entry["time"])}">{time:%H:%M} UTC</time></div>{"".join(body)}</div></article>'
    )


def _refused(entry: dict[str, Any], time: datetime.datetime) -> str:
    said = f"was answered {entry['status']} {entry['answer']}" if entry["status"] else "was not answered"
    problems = "".join(f"<li>{html.escape(problem)}</li>" for problem in entry["problems"])
    problems = f"<ul>{problems}</ul>" if problems else ""
    return f'<div class="refused">{time:%H:%M:%S} A message {html.escape(said)}{problems}</div>'


def _attachment(attachment: dict[str, Any]) -> str:
    color = str(attachment.get("color", "#dddddd"))
    color = _NAMED_COLORS.get(color, color if color.startswith("#") else f"#{color}")
    body = "".join(_block(block) for block in attachment.get("blocks", []))
    if not body:
        said = attachment.get("text") or attachment.get("fallback") or attachment.get("title") or ""
        body = f'<p class="block">{mrkdwn(str(said))}</p>'
    bar = f'<div class="bar" style="background: {html.escape(color)}"></div>'
    return f'<div class="attachment">{bar}<div>{body}</div></div>'


def _block(block: dict[str, Any]) -> str:
    kind = block["type"]
    if kind == "header":
        return f'<h2 class="block">{_text(block["text"])}</h2>'
    if kind == "section":
        text = f'<div class="block">{_text(block["text"])}</div>' if "text" in block else ""
        fields = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields", []))
        return text + (f'<div class="block fields">{fields}</div>' if fields else "")
    if kind == "context":
        return (
            f'<div class="block context">{"".join(f"<span>{_text(each)}</span>" for each in block["elements"])}</div>'
        )
    if kind == "divider":
        return "<hr>"
    return f"<pre>{html.escape(json.dumps(block, indent=2, ensure_ascii=False))}</pre>"


def _text(text: dict[str, Any]) -> str:
    if text["type"] == "image":
        return html.escape(text.get("alt_text", ""))
    return mrkdwn(text["text"]) if text["type"] == "mrkdwn" else html.escape(text["text"])


def mrkdwn(text: str) -> str:
    """Slack's markup as HTML."""
    parts = re.split(r"```(.*?)```", text, flags=re.DOTALL)
    for number, part in enumerate(parts):
        shown = "".join(_piece(piece) for piece in re.split(r"(<[^<>]+>)", part))
        parts[number] = f"<pre>{shown.strip()}</pre>" if number % 2 else _styled(shown)
    return "".join(parts)


def _piece(piece: str) -> str:
    """A link, a date, a mention, or the text between them."""
    if not (piece.startswith("<") and piece.endswith(">")):
        for escape, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            piece = piece.replace(escape, letter)
        return html.escape(piece)
    target, _, said = piece[1:-1].partition("|")
    if target.startswith("!date^"):
        time = datetime.datetime.fromtimestamp(int(target.split("^")[1]), datetime.UTC)
        return f'<time datetime="{time.isoformat()}">{time:%d %b %Y, %H:%M} UTC</time>'
    if target.startswith(("https://", "http://")):
        address = html.escape(target.replace("&amp;", "&"))
        return f'<a href="{address}" rel="noreferrer">{_piece(said or target)}</a>'
    return f"<b>@{html.escape(said or target)}</b>"


def _styled(text: str) -> str:
    """Bold, italic, struck out and code; the marks stand at the edges of words. Tags are left alone."""
    pieces = re.split(r"(<[^>]+>)", text)
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            for mark, tag in (("`", "code"), (r"\*", "b"), ("_", "i"), ("~", "s")):
                pattern = rf"(?<![\w]){mark}(?=\S)([^\n]*?\S){mark}(?![\w])"
                piece = re.sub(pattern, rf"<{tag}>\1</{tag}>", piece)
            pieces[number] = piece.replace("\n", "<br>")
    return "".join(pieces)
