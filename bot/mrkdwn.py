"""Slack's mrkdwn, parsed into spans for a page or a terminal.

Dates are simplified, because some formats need the reader's clock: `{ago}` becomes the fallback, and `_pretty` formats
become plain dates. Bare URLs aren't linked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum


class SpanKind(StrEnum):
    """The kind of a span."""

    TEXT = "text"
    CODE = "code"
    PREFORMATTED = "preformatted"
    LINK = "link"
    USER = "user"
    CHANNEL = "channel"
    GROUP = "group"
    BROADCAST = "broadcast"
    DATE = "date"
    EMOJI = "emoji"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. `text` is unescaped."""

    kind: SpanKind
    text: str
    target: str = ""
    """URL of a link or date, ID of a mention, or name of an emoji."""
    bold: bool = False
    italic: bool = False
    strike: bool = False
    quoted: bool = False
    """True on a line that starts with `>`, including its newline."""


_FENCE = re.compile(r"```\n?(.*?)```", re.DOTALL)
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_WORD = "[^\\W_]"


def _build_style_pattern(name: str, mark: str) -> str:
    """Return a pattern for text between two marks. As in Slack, marks count only at the edges of words."""
    return rf"(?<!{_WORD})(?<!{mark}){mark}(?=[^\s{mark}])(?P<{name}>[^{mark}\n]+)(?<=\S){mark}(?!{_WORD}|{mark})"


_TOKEN_PATTERNS = (
    r"`(?P<code>[^`\n]+)`",
    r"<(?P<angle>[^<>\n]+)>",
    r":(?P<emoji>[a-z0-9_+-]+):",
    _build_style_pattern("bold", r"\*"),
    _build_style_pattern("italic", "_"),
    _build_style_pattern("strike", "~"),
)
_TOKEN = re.compile("|".join(_TOKEN_PATTERNS))
_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_DATE_TOKEN = re.compile(r"\{(\w+)\}")
_DATE_FORMATS = {
    "date_num": "{0:%Y-%m-%d}",
    "date": "{0:%B} {0.day}, {0.year}",
    "date_short": "{0:%b} {0.day}, {0.year}",
    "date_long": "{0:%A}, {0:%B} {0.day}, {0.year}",
    "time": "{0:%H:%M}",
    "time_secs": "{0:%H:%M:%S}",
}

_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}

EMOJI = {
    "+1": "👍",
    "alarm_clock": "⏰",
    "arrow_right": "➡️",
    "arrow_up": "⬆️",
    "bell": "🔔",
    "bulb": "💡",
    "calendar": "📅",
    "date": "📅",
    "eyes": "👀",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "information_source": "ℹ️",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "link": "🔗",
    "lock": "🔒",
    "mag": "🔍",
    "no_bell": "🔕",
    "no_entry": "⛔",
    "package": "📦",
    "question": "❓",
    "red_circle": "🔴",
    "repeat": "🔁",
    "rocket": "🚀",
    "rotating_light": "🚨",
    "shield": "🛡️",
    "sparkles": "✨",
    "spiral_calendar_pad": "🗓️",
    "tada": "🎉",
    "thumbsup": "👍",
    "warning": "⚠️",
    "wave": "👋",
    "white_check_mark": "✅",
    "white_circle": "⚪",
    "wrench": "🔧",
    "x": "❌",
    "zzz": "💤",
}
"""Known emoji. Others are shown as `:name:`."""


def unescape(text: str) -> str:
    """Replace Slack's three escapes. Other HTML entities are literal text in Slack."""
    return re.sub("&(?:amp|lt|gt);", lambda escape: _ESCAPES[escape[0]], text)


def parse_spans(text: str, zone: tzinfo = UTC) -> list[Span]:
    """Parse a mrkdwn text. Dates are formatted in the time zone."""
    spans: list[Span] = []
    end = 0
    for fence in _FENCE.finditer(text):
        spans += _parse_lines(text[end : fence.start()], zone)
        spans.append(Span(SpanKind.PREFORMATTED, unescape(fence[1].removesuffix("\n"))))
        end = fence.end()
    return _merge_spans([*spans, *_parse_lines(text[end:], zone)])


def _parse_lines(text: str, zone: tzinfo) -> Iterator[Span]:
    for line in text.splitlines(keepends=True):
        quote = _QUOTE.match(line)
        style = Span(SpanKind.TEXT, "", quoted=quote is not None)
        yield from _parse_inline(line[quote.end() :] if quote else line, zone, style)


def _parse_inline(text: str, zone: tzinfo, style: Span) -> Iterator[Span]:
    end = 0
    for token in _TOKEN.finditer(text):
        yield replace(style, text=unescape(text[end : token.start()]))
        yield from _parse_token(token, zone, style)
        end = token.end()
    yield replace(style, text=unescape(text[end:]))


def _parse_token(token: re.Match[str], zone: tzinfo, style: Span) -> Iterator[Span]:
    content = token[token.lastgroup or 0]
    match token.lastgroup:
        case "code":
            yield replace(style, kind=SpanKind.CODE, text=unescape(content))
        case "angle":
            yield _parse_angle(content, zone, style)
        case "emoji" if content in EMOJI:
            yield replace(style, kind=SpanKind.EMOJI, text=EMOJI[content], target=content)
        case "emoji":
            yield replace(style, text=token[0])
        case "bold":
            yield from _parse_inline(content, zone, replace(style, bold=True))
        case "italic":
            yield from _parse_inline(content, zone, replace(style, italic=True))
        case _:
            yield from _parse_inline(content, zone, replace(style, strike=True))


def _parse_angle(content: str, zone: tzinfo, style: Span) -> Span:
    """Parse the content of angle brackets. Return unknown forms literally."""
    target, _, label = unescape(content).partition("|")
    if target[:1] in ("@", "#"):
        kind = SpanKind.USER if target[0] == "@" else SpanKind.CHANNEL
        return replace(style, kind=kind, text=f"{target[0]}{label or target[1:]}", target=target[1:])
    if target.startswith("!date^"):
        return _parse_date(target, label, zone, style)
    if target.startswith("!subteam^"):
        group = target.removeprefix("!subteam^")
        return replace(style, kind=SpanKind.GROUP, text=label or f"@{group}", target=group)
    if target in ("!here", "!channel", "!everyone"):
        return replace(style, kind=SpanKind.BROADCAST, text=f"@{target[1:]}", target=target[1:])
    if _LINK.match(target):
        return replace(style, kind=SpanKind.LINK, text=label or target.removeprefix("mailto:"), target=target)
    return replace(style, text=f"<{unescape(content)}>")


def _parse_date(target: str, fallback: str, zone: tzinfo, style: Span) -> Span:
    _, seconds, date_format, *link = [*target.split("^"), ""][:4] if target.count("^") > 1 else ("", "", "", "")
    names = [name.removesuffix("_pretty") for name in _DATE_TOKEN.findall(date_format)]
    if not re.fullmatch(r"\d{1,11}", seconds) or not set(names) <= set(_DATE_FORMATS):
        return replace(style, kind=SpanKind.DATE, text=fallback)
    instant = datetime.fromtimestamp(int(seconds), zone)
    text = _DATE_TOKEN.sub(lambda token: _DATE_FORMATS[token[1].removesuffix("_pretty")].format(instant), date_format)
    return replace(style, kind=SpanKind.DATE, text=text, target=link[0])


def _merge_spans(spans: list[Span]) -> list[Span]:
    """Join neighbouring texts of the same style, and drop empty spans."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.kind is SpanKind.TEXT and replace(merged[-1], text=span.text) == span:
            merged[-1] = replace(span, text=merged[-1].text + span.text)
        elif span.text:
            merged.append(span)
    return merged
