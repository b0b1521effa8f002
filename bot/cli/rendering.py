"""Answers drawn for a terminal, from the same blocks that Slack gets, or as JSON from the answer's own fields."""

import io
import json
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
"""Columns; longer lines are hard to read."""

_STYLES = {
    SpanKind.CODE: "cyan",
    SpanKind.PREFORMATTED: "",
    SpanKind.LINK: "underline blue",
    SpanKind.USER: "magenta",
    SpanKind.CHANNEL: "magenta",
    SpanKind.GROUP: "magenta",
}


def render_answer(answer: answers.Answer) -> str:
    """The answer as Slack shows it, for a terminal; colours only where there is one."""
    return render_message(render(answer))


def render_message(message: dict[str, Any], title: str = "") -> str:
    """A message's blocks, framed."""
    held = io.StringIO()
    real = Console()
    console = Console(
        file=held,
        width=min(real.width, MAX_WIDTH),
        force_terminal=real.is_terminal,
        no_color=real.no_color,
        color_system="auto" if real.is_terminal else None,
        highlight=False,
    )
    parts = [part for block in message["blocks"] for part in _render_block(block)]
    console.print(Panel(Group(*parts), title=title or None, title_align="left", border_style="dim", padding=(0, 1)))
    return held.getvalue()


def _render_block(block: dict[str, Any]) -> Iterable[RenderableType]:
    match block["type"]:
        case "header":
            yield Text(block["text"]["text"], style="bold")
        case "section" if "fields" in block:
            yield Padding(
                Columns([_render_text(cell["text"]) for cell in block["fields"]], padding=(0, 6)), (1, 0, 0, 0)
            )
        case "section":
            yield Padding(_render_text(block["text"]["text"]), (1, 0, 0, 0))
        case "context":
            small = (_render_text(element["text"]) for element in block["elements"])
            yield Padding(Text("\n").join(small), (1, 0, 0, 0), style="dim")
        case "divider":
            yield Rule(style="dim")
        case _:
            return


def _render_text(mrkdwn: str) -> Text:
    text = Text()
    for span in parse_spans(mrkdwn):
        text.append(span.text, style=_get_style(span))
    return text


def _get_style(span: Span) -> str:
    styles = [_STYLES.get(span.kind, "")]
    styles += ["bold"] if span.bold else []
    styles += ["italic"] if span.italic else []
    styles += ["strike"] if span.strike else []
    styles += [f"link {span.target}"] if span.kind is SpanKind.LINK else []
    return " ".join(filter(None, styles))


def render_answer_json(answer: answers.Answer) -> str:
    """The answer's fields; dates as ISO 8601, a status with its advice's fields beside the others."""
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(answer).__name__).lstrip("_")
    fields = to_json_value(answer)
    if isinstance(answer, answers.Status | answers.Successor):
        fields |= fields.pop("advice")
    return json.dumps({"answer": name, **fields}, indent=2, ensure_ascii=False)


def to_json_value(value: Any) -> Any:  # noqa: ANN401 - JSON is whatever it is
    """Fields and values as JSON has them; dates and times by ISO 8601."""
    if isinstance(value, Struct):
        fields: dict[str, Any] = {}
        for name in value.__struct_fields__:
            fields |= _field_to_json(name, getattr(value, name))
        return fields
    match value:
        case Enum():
            return value.value
        case datetime() | date() | time():
            return value.isoformat()
        case tuple() | list():
            return [to_json_value(each) for each in value]
        case _:
            return value


def _field_to_json(name: str, value: object) -> dict[str, Any]:
    """A date cell becomes the date, what is printed, why there is no date, and why the date is not verified."""
    if isinstance(value, PrintedDate):
        return {
            name: value.day.isoformat() if value.day else None,
            f"{name}_as_printed": value.printed,
            f"{name}_problem": value.problem,
            f"{name}_unverified": value.unverified,
            f"{name}_by_hand": to_json_value(value.override),
        }
    return {name: to_json_value(value)}
