"""The pieces of Block Kit that dlvm draws with, as plain dictionaries within Slack's limits."""

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Message = dict[str, Any]

MAX_SECTION_LENGTH = 3_000
MAX_FIELD_LENGTH = 2_000
MAX_HEADER_LENGTH = 150
MAX_TEXT_LENGTH = 3_900
"""chat.update refuses more than 4,000; what is cut says so."""
MAX_BLOCKS = 50
MAX_FIELDS = 10
MAX_BUTTONS = 25


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
    return {"type": "header", "text": plain(truncate(text, MAX_HEADER_LENGTH))}


def section(text: str, button: Block | None = None) -> Block:
    """A paragraph, with a button beside it where one is given."""
    block: Block = {"type": "section", "text": mrkdwn(truncate(text, MAX_SECTION_LENGTH))}
    return block | ({"accessory": button} if button else {})


def fields(texts: Sequence[str]) -> Block:
    """Short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(truncate(t, MAX_FIELD_LENGTH)) for t in texts[:MAX_FIELDS]]}


def context(text: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(truncate(text, MAX_SECTION_LENGTH))]}


def divider() -> Block:
    """A line between things."""
    return {"type": "divider"}


def button(label: str, action_id: str, value: str, *, description: str = "", style: str = "") -> Block:
    """A button; `describe` says to a screen reader what the label leaves out, and begins with the label for voices."""
    if description and not description.lower().startswith(label.lower()):
        description = f"{label}: {description}"
    block: Block = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    block |= {"accessibility_label": truncate(description, 75)} if description else {}
    return block | ({"style": style} if style else {})


def option(label: str, value: str) -> Block:
    """An entry of a menu or a box to tick."""
    return {"text": plain(truncate(label, 75)), "value": value}


def with_confirmation(block: Block, title: str, text: str, yes: str) -> Block:
    """The button, asking back before it acts."""
    return block | {
        "confirm": {
            "title": plain(title),
            "text": plain(truncate(text, 300)),
            "confirm": plain(yes),
            "deny": plain("Cancel"),
        }
    }


def actions(buttons: Iterable[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)[:MAX_BUTTONS]}


def paragraphs(lines: Iterable[str], *, separator: str = "\n") -> list[Block]:
    """Lines as few sections as hold them; no line is split."""
    blocks: list[Block] = []
    held = ""
    for line in lines:
        longer = f"{held}{separator}{line}" if held else line
        if len(longer) > MAX_SECTION_LENGTH and held:
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
        if sum(map(len, held)) + len(held) + len(line) > MAX_SECTION_LENGTH - 10:
            blocks.append(section("```" + "\n".join(held) + "```"))
            held = []
        held.append(line)
    return [*blocks, section("```" + "\n".join(held) + "```")]


def message(blocks: Sequence[Block]) -> Message:
    """The blocks as a message whose text says all of it, for screen readers and previews."""
    return {"text": extract_text(blocks), "blocks": list(blocks[:MAX_BLOCKS])}


def extract_text(blocks: Sequence[Block]) -> str:
    """What the blocks say, without buttons."""
    return truncate("\n\n".join([words for block in blocks if (words := _said(block))]), MAX_TEXT_LENGTH)


def _said(block: Block) -> str:
    kind = block["type"]
    if kind == "section":
        if "fields" in block:
            return "\n".join([field["text"].replace("\n", " ") for field in block["fields"]])
        return str(block["text"]["text"])
    if kind == "header":
        return f"*{escape(block['text']['text'])}*"
    return "\n".join([element["text"] for element in block["elements"]]) if kind == "context" else ""


def truncate(text: str, max_length: int) -> str:
    """The text, or its beginning up to a line's or word's end and an ellipsis, never half an escape or link."""
    if len(text) <= max_length:
        return text
    head = text[: max_length - 2]
    for edge in ("\n", " "):
        place = head.rfind(edge)
        if place > max_length // 2:
            head = head[:place]
            break
    if head.rfind("&") > head.rfind(";"):
        head = head[: head.rfind("&")]
    if head.rfind("<") > head.rfind(">"):
        head = head[: head.rfind("<")]
    return f"{head.rstrip()} …" if head.count("```") % 2 == 0 else f"{head.rstrip()}```…"[:max_length]
