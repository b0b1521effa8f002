"""Render answers for a terminal, from the blocks that Slack gets, or as JSON, from the answer's fields."""

import io
import json
import sys
from collections.abc import Iterable
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from msgspec import Struct
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from bot import answers
from bot.mrkdwn import Span, SpanKind, parse_spans
from bot.slack.blocks.render import render
from storage.facts import PrintedDate

MAX_WIDTH = 100
"""Columns. Longer lines are hard to read."""

_STYLES = {
    SpanKind.CODE: "cyan",
    SpanKind.PREFORMATTED: "",
    SpanKind.LINK: "underline blue",
    SpanKind.USER: "magenta",
    SpanKind.CHANNEL: "magenta",
    SpanKind.GROUP: "magenta",
}


def render_answer(answer: answers.Answer) -> str:
    """Render an answer for a terminal as Slack shows it, coloured if stdout is a terminal."""
    return render_message(render(answer))


def render_message(message: dict[str, Any], title: str = "") -> str:
    """Render a message's blocks inside a frame."""
    output = io.StringIO()
    terminal = Console()
    console = Console(
        file=output,
        width=min(terminal.width, MAX_WIDTH),
        force_terminal=terminal.is_terminal,
        no_color=terminal.no_color,
        color_system="auto" if terminal.is_terminal else None,
        highlight=False,
    )
    parts = [part for block in message["blocks"] for part in _render_block(block)]
    console.print(Panel(Group(*parts), title=title or None, title_align="left", border_style="dim", padding=(0, 1)))
    return output.getvalue()


def _render_block(block: dict[str, Any]) -> Iterable[RenderableType]:
    match block["type"]:
        case "header":
            yield Text(block["text"]["text"], style="bold")
        case "section" if "fields" in block:
            cells = [_render_text(cell["text"]) for cell in block["fields"]]
            yield Padding(Columns(cells, padding=(0, 6)), (1, 0, 0, 0))
        case "section":
            yield Padding(_render_text(block["text"]["text"]), (1, 0, 0, 0))
        case "context":
            small = (_render_text(element["text"]) for element in block["elements"])
            yield Padding(Text("\n").join(small), (1, 0, 0, 0), style="dim")
        case "divider":
            yield Rule(style="dim")


def _render_text(mrkdwn: str) -> Text:
    text = Text()
    for span in parse_spans(mrkdwn):
        text.append(span.text, style=_get_style(span))
    return text


def _get_style(span: Span) -> str:
    styles = [_STYLES.get(span.kind, "")]
    styles += [name for name in ("bold", "italic", "strike") if getattr(span, name)]
    styles += [f"link {span.target}"] if span.kind is SpanKind.LINK else []
    return " ".join(filter(None, styles))


def render_answer_json(answer: answers.Answer) -> str:
    """Return an answer as JSON. The fields of a status or successor's advice are inlined."""
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(answer).__name__).lstrip("_")
    fields = to_json_value(answer)
    if isinstance(answer, answers.Status | answers.Successor) and answer.advice is not None:
        fields |= fields.pop("advice")
    return json.dumps({"answer": name, **fields}, indent=2, ensure_ascii=False)


def print_json(value: object, *, indent: int | None = 1, ensure_ascii: bool = False) -> None:
    """Print a struct, a sequence of structs or any other value as JSON."""
    sys.stdout.write(json.dumps(to_json_value(value), indent=indent, ensure_ascii=ensure_ascii) + "\n")


def to_json_value(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Convert a struct or value for JSON. Dates and times become ISO 8601 strings; tagged structs keep their tag."""
    if isinstance(value, Struct):
        config = value.__struct_config__
        fields: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
        for name in value.__struct_fields__:
            fields |= _field_to_json(name, getattr(value, name))
        return fields
    match value:
        case Enum():
            return value.value
        case datetime() | date() | time():
            return value.isoformat()
        case tuple() | list():
            return [to_json_value(item) for item in value]
        case _:
            return value


def _field_to_json(name: str, value: object) -> dict[str, Any]:
    """Convert a field. A printed date becomes several: day, printed text, problem, verification and override."""
    if isinstance(value, PrintedDate):
        return {
            name: value.day.isoformat() if value.day else None,
            f"{name}_as_printed": value.printed,
            f"{name}_problem": value.problem,
            f"{name}_unverified": value.unverified,
            f"{name}_override": to_json_value(value.override),
        }
    return {name: to_json_value(value)}
