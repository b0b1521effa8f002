"""The pieces of Block Kit that dlvm draws with, as plain dictionaries within Slack's limits."""

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Message = dict[str, Any]

LONGEST_SECTION = 3_000
LONGEST_FIELD = 2_000
LONGEST_HEADER = 150
LONGEST_TEXT = 3_900
"""chat.update refuses more than 4,000; what is cut says so."""
MOST_BLOCKS = 50
MOST_FIELDS = 10
MOST_BUTTONS = 25


def escape(text: str) -> str:
    """Text from outside, so that nothing in it pings, links or formats."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """A name to copy, in code style; backticks in it would end the style."""
    return f"`{escape(text).replace('`', chr(0x2019))}`"


def link(url: str, text: str) -> str:
    """A link to one of our own addresses."""
    return f"<{url}|{escape(text)}>"


def mrkdwn(text: str) -> Block:
    """A text object whose names, links and mentions only we build."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    """A text object without any formatting."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": plain(cut(text, LONGEST_HEADER))}


def section(text: str, button: Block | None = None) -> Block:
    """A paragraph, with a button beside it where one is given."""
    block: Block = {"type": "section", "text": mrkdwn(cut(text, LONGEST_SECTION))}
    return block | ({"accessory": button} if button else {})


def fields(texts: Sequence[str]) -> Block:
    """Short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(cut(t, LONGEST_FIELD)) for t in texts[:MOST_FIELDS]]}


def context(text: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(cut(text, LONGEST_SECTION))]}


def divider() -> Block:
    """A line between things."""
    return {"type": "divider"}


def button(label: str, action_id: str, value: str, *, describe: str = "", style: str = "") -> Block:
    """A button; `describe` says to a screen reader what the label leaves out, and begins with the label for voices."""
    if describe and not describe.lower().startswith(label.lower()):
        describe = f"{label}: {describe}"
    block: Block = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    block |= {"accessibility_label": cut(describe, 75)} if describe else {}
    return block | ({"style": style} if style else {})


def option(label: str, value: str) -> Block:
    """An entry of a menu or a box to tick."""
    return {"text": plain(cut(label, 75)), "value": value}


def confirmed(block: Block, title: str, text: str, yes: str) -> Block:
    """The button, asking back before it acts."""
    return block | {
        "confirm": {
            "title": plain(title),
            "text": plain(cut(text, 300)),
            "confirm": plain(yes),
            "deny": plain("Cancel"),
        }
    }


def actions(buttons: Iterable[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)[:MOST_BUTTONS]}


def paragraphs(lines: Iterable[str], *, separator: str = "\n") -> list[Block]:
    """Lines as few sections as hold them; no line is split."""
    blocks: list[Block] = []
    held = ""
    for line in lines:
        longer = f"{held}{separator}{line}" if held else line
        if len(longer) > LONGEST_SECTION and held:
            blocks.append(section(held))
            longer = line
        held = longer
    return [*blocks, section(held)] if held else blocks


def table(rows: Sequence[Sequence[str]]) -> list[Block]:
    """Rows in columns that line up, the first row as headings; long ones over several blocks."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    blocks: list[Block] = []
    held: list[str] = []
    for line in map(escape, lines):
        if sum(map(len, held)) + len(held) + len(line) > LONGEST_SECTION - 10:
            blocks.append(section("```" + "\n".join(held) + "```"))
            held = []
        held.append(line)
    return [*blocks, section("```" + "\n".join(held) + "```")]


def message(blocks: Sequence[Block]) -> Message:
    """The blocks as a message whose text says all of it, for screen readers and previews."""
    return {"text": text_of(blocks), "blocks": list(blocks[:MOST_BLOCKS])}


def text_of(blocks: Sequence[Block]) -> str:
    """What the blocks say, without buttons."""
    return cut("\n\n".join([words for block in blocks if (words := _said(block))]), LONGEST_TEXT)


def _said(block: Block) -> str:
    kind = block["type"]
    if kind == "section":
        if "fields" in block:
            return "\n".join([field["text"].replace("\n", " ") for field in block["fields"]])
        return str(block["text"]["text"])
    if kind == "header":
        return f"*{escape(block['text']['text'])}*"
    return "\n".join([element["text"] for element in block["elements"]]) if kind == "context" else ""


def cut(text: str, longest: int) -> str:
    """The text, or its beginning up to a line's or word's end and an ellipsis, never half an escape or link."""
    if len(text) <= longest:
        return text
    head = text[: longest - 2]
    for edge in ("\n", " "):
        place = head.rfind(edge)
        if place > longest // 2:
            head = head[:place]
            break
    if head.rfind("&") > head.rfind(";"):
        head = head[: head.rfind("&")]
    if head.rfind("<") > head.rfind(">"):
        head = head[: head.rfind("<")]
    return f"{head.rstrip()} …" if head.count("```") % 2 == 0 else f"{head.rstrip()}```…"[:longest]
