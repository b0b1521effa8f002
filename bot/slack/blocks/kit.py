"""Builders for Block Kit, as plain dictionaries within Slack's limits."""

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Message = dict[str, Any]

MAX_SECTION_LENGTH = 3_000
MAX_FIELD_LENGTH = 2_000
MAX_HEADER_LENGTH = 150
MAX_OPTION_LENGTH = 75
MAX_TEXT_LENGTH = 3_900
"""`chat.update` refuses texts over 4,000 characters."""
MAX_BLOCKS = 50
MAX_FIELDS = 10
MAX_BUTTONS = 25
MAX_OPTIONS = 100


def escape(text: str) -> str:
    """Escape a text from outside, so that nothing in it mentions, links or formats."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Format a text as inline code. Backticks are replaced, because they would end the code."""
    return f"`{escape(text).replace('`', chr(0x2019))}`"


def codes(texts: Iterable[str], separator: str = ", ") -> str:
    """Format each text as inline code and join them."""
    return separator.join(map(code, texts))


def link(url: str, text: str) -> str:
    """Format a link. The URL must be trusted, because it is not escaped."""
    return f"<{url}|{escape(text)}>"


def mrkdwn(text: str) -> Block:
    """Build a formatted text object. `verbatim` stops Slack from adding links and mentions of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    """Build a text object without formatting."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """Build a header."""
    return {"type": "header", "text": plain(truncate(text, MAX_HEADER_LENGTH))}


def section(text: str, accessory: Block | None = None) -> Block:
    """Build a paragraph, with an optional element such as a button beside it."""
    block: Block = {"type": "section", "text": mrkdwn(truncate(text, MAX_SECTION_LENGTH))}
    return block | ({"accessory": accessory} if accessory else {})


def fields(texts: Sequence[str]) -> Block:
    """Build a section of short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(truncate(t, MAX_FIELD_LENGTH)) for t in texts[:MAX_FIELDS]]}


def context(text: str) -> Block:
    """Build a block of small print."""
    return {"type": "context", "elements": [mrkdwn(truncate(text, MAX_SECTION_LENGTH))]}


def divider() -> Block:
    """Build a horizontal line."""
    return {"type": "divider"}


def button(label: str, action_id: str, value: str, *, description: str = "", style: str = "") -> Block:
    """Build a button. Screen readers read the description, which starts with the label so that voice control works."""
    if description and not description.lower().startswith(label.lower()):
        description = f"{label}: {description}"
    block: Block = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    block |= {"accessibility_label": truncate(description, 75)} if description else {}
    return block | ({"style": style} if style else {})


def page_buttons(
    prefix: str, page: int, *, has_next: bool, labels: tuple[str, str] = ("Previous page", "Next page")
) -> list[Block]:
    """Build a row with the buttons to the previous and next page, or nothing if there is only one page.

    The action ids are the prefix and `_previous` or `_next`; the value is the number of the page.
    """
    previous, following = labels
    buttons = [button(previous, f"{prefix}_previous", str(page - 1))] if page > 1 else []
    buttons += [button(following, f"{prefix}_next", str(page + 1))] if has_next else []
    return [actions(buttons)] if buttons else []


def option(label: str, value: str) -> Block:
    """Build an option of a menu or a checkbox group."""
    return {"text": plain(truncate(label, MAX_OPTION_LENGTH)), "value": value}


def with_confirmation(block: Block, title: str, text: str, confirm_label: str) -> Block:
    """Add a confirmation dialog to a button."""
    return block | {
        "confirm": {
            "title": plain(title),
            "text": plain(truncate(text, 300)),
            "confirm": plain(confirm_label),
            "deny": plain("Cancel"),
        }
    }


def actions(buttons: Iterable[Block]) -> Block:
    """Build a row of buttons or menus."""
    return {"type": "actions", "elements": list(buttons)[:MAX_BUTTONS]}


def input_block(name: str, label: str, element: Block, hint: str, *, is_optional: bool = False) -> Block:
    """Build a form field. The name is both its block id and its action id."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "hint": plain(hint),
        "element": {"action_id": name, **element},
        "optional": is_optional,
    }


def form(title: str, callback_id: str, blocks: Sequence[Block], *, submit: str, metadata: str = "") -> Block:
    """Build a modal that submits fields. Slack returns the metadata with the submission."""
    return notice(title, callback_id, blocks, close="Cancel") | {"submit": plain(submit), "private_metadata": metadata}


def notice(title: str, callback_id: str, blocks: Sequence[Block], *, close: str = "Done") -> Block:
    """Build a modal that only shows something."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "close": plain(close),
        "blocks": list(blocks),
    }


def paragraphs(lines: Iterable[str], *, separator: str = "\n") -> list[Block]:
    """Build as few sections as hold all lines. No line is split."""
    return [section(text) for text in _join_up_to(MAX_SECTION_LENGTH, lines, separator) if text]


def _join_up_to(max_length: int, lines: Iterable[str], separator: str) -> list[str]:
    """Join lines into as few texts as hold them all. Only a line that is too long makes a longer text."""
    texts = [""]
    for line in lines:
        longer = f"{texts[-1]}{separator}{line}" if texts[-1] else line
        if texts[-1] and len(longer) > max_length:
            texts.append(line)
        else:
            texts[-1] = longer
    return texts


def table(rows: Sequence[Sequence[str]]) -> list[Block]:
    """Build code blocks with aligned columns. The first row is the heading."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return code_blocks(map(escape, lines))


def code_blocks(lines: Iterable[str]) -> list[Block]:
    """Build as few code blocks as hold all lines, which must be escaped."""
    max_length = MAX_SECTION_LENGTH - len("``````")
    texts = _join_up_to(max_length, (line[:max_length] for line in lines), "\n")
    return [section(f"```{text}```") for text in texts]


def message(blocks: Sequence[Block]) -> Message:
    """Build a message whose text says everything the blocks say, for screen readers and notifications."""
    return {"text": extract_text(blocks), "blocks": list(blocks[:MAX_BLOCKS])}


def extract_text(blocks: Sequence[Block]) -> str:
    """Return the text of the blocks, without buttons."""
    return truncate("\n\n".join([text for block in blocks if (text := _extract_block_text(block))]), MAX_TEXT_LENGTH)


def _extract_block_text(block: Block) -> str:
    match block["type"]:
        case "section" if "fields" in block:
            return "\n".join([f["text"].replace("\n", " ", 1).replace("\n", ", ") for f in block["fields"]])
        case "section":
            return str(block["text"]["text"])
        case "header":
            return f"*{escape(block['text']['text'])}*"
        case "context":
            return "\n".join([element["text"] for element in block["elements"]])
        case _:
            return ""


def truncate(text: str, max_length: int) -> str:
    """Cut a text at the end of a line or word and add an ellipsis. Never cut inside an escape, link or code block."""
    if len(text) <= max_length:
        return text
    head = text[: max_length - 2]
    for edge in ("\n", " "):
        position = head.rfind(edge)
        if position > max_length // 2:
            head = head[:position]
            break
    if head.rfind("&") > head.rfind(";"):
        head = head[: head.rfind("&")]
    if head.rfind("<") > head.rfind(">"):
        head = head[: head.rfind("<")]
    return f"{head.rstrip()} …" if head.count("```") % 2 == 0 else f"{head.rstrip()}```…"[:max_length]
