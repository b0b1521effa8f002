"""Slack's mrkdwn, read into spans that a page or a terminal can draw.

Gaps, on purpose: `{ago}` and the `_pretty` words (today, yesterday) of dates need a viewer's clock, so the
first shows the fallback and the others the plain date; bare addresses are not made into links.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum


class SpanKind(StrEnum):
    """What a span is."""

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
    """A run of text drawn in one way; `text` is unescaped and ready to show."""

    kind: SpanKind
    text: str
    target: str = ""
    """The address of a link or date, the id of a mention, the name of an emoji."""
    bold: bool = False
    italic: bool = False
    strike: bool = False
    quoted: bool = False
    """On a line that begins with `>`; the newline after it belongs to it."""


_FENCE = re.compile(r"```\n?(.*?)```", re.DOTALL)
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_WORD = "[^\\W_]"


def _build_style_pattern(name: str, mark: str) -> str:
    """Text between two marks that stand at the edges of words, as Slack wants them."""
    return rf"(?<!{_WORD})(?<!{mark}){mark}(?=[^\s{mark}])(?P<{name}>[^{mark}\n]+)(?<=\S){mark}(?!{_WORD}|{mark})"


_TOKEN = re.compile(
    "|".join(
        (
            r"`(?P<code>[^`\n]+)`",
            r"<(?P<angle>[^<>\n]+)>",
            r":(?P<emoji>[a-z0-9_+-]+):",
            _build_style_pattern("bold", r"\*"),
            _build_style_pattern("italic", "_"),
            _build_style_pattern("strike", "~"),
        )
    )
)
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


def unescape(text: str) -> str:
    """The text with Slack's three escapes taken out; other entities mean nothing to Slack."""
    return re.sub("&(?:amp|lt|gt);", lambda escaped: _ESCAPES[escaped[0]], text)


def parse_spans(text: str, zone: tzinfo = UTC) -> list[Span]:
    """The spans of a mrkdwn text in order; dates are shown in the zone."""
    found: list[Span] = []
    place = 0
    for fence in _FENCE.finditer(text):
        found += _parse_lines(text[place : fence.start()], zone)
        found.append(Span(SpanKind.PREFORMATTED, unescape(fence[1].removesuffix("\n"))))
        place = fence.end()
    return _merge_spans([*found, *_parse_lines(text[place:], zone)])


def to_plain_text(text: str) -> str:
    """The text without any marks, as a preview or a screen reader wants it."""
    return "".join(span.text for span in parse_spans(text))


def _parse_lines(text: str, zone: tzinfo) -> Iterator[Span]:
    for line in text.splitlines(keepends=True):
        quote = _QUOTE.match(line)
        if quote is None:
            yield from _parse_inline(line, zone, Span(SpanKind.TEXT, ""))
        else:
            yield from _parse_inline(line[quote.end() :], zone, Span(SpanKind.TEXT, "", quoted=True))


def _parse_inline(text: str, zone: tzinfo, style: Span) -> Iterator[Span]:
    place = 0
    for token in _TOKEN.finditer(text):
        yield replace(style, text=unescape(text[place : token.start()]))
        yield from _parse_token(token, zone, style)
        place = token.end()
    yield replace(style, text=unescape(text[place:]))


def _parse_token(token: re.Match[str], zone: tzinfo, style: Span) -> Iterator[Span]:
    inside = token[token.lastgroup or 0]
    match token.lastgroup:
        case "code":
            yield replace(style, kind=SpanKind.CODE, text=unescape(inside))
        case "angle":
            yield _parse_angle(inside, zone, style)
        case "emoji":
            shown = EMOJI.get(inside)
            yield (
                replace(style, kind=SpanKind.EMOJI, text=shown, target=inside)
                if shown
                else replace(style, text=token[0])
            )
        case "bold":
            yield from _parse_inline(inside, zone, replace(style, bold=True))
        case "italic":
            yield from _parse_inline(inside, zone, replace(style, italic=True))
        case _:
            yield from _parse_inline(inside, zone, replace(style, strike=True))


def _parse_angle(inside: str, zone: tzinfo, style: Span) -> Span:
    """What stands between angle brackets; a form that Slack does not know is shown as it is."""
    target, _, label = unescape(inside).partition("|")
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
    return replace(style, text=f"<{unescape(inside)}>")


def _parse_date(target: str, fallback: str, zone: tzinfo, style: Span) -> Span:
    _, seconds, form, *link = [*target.split("^"), ""][:4] if target.count("^") > 1 else ("", "", "", "")
    names = [name.removesuffix("_pretty") for name in _DATE_TOKEN.findall(form)]
    if not re.fullmatch(r"\d{1,11}", seconds) or not set(names) <= set(_DATE_FORMATS):
        return replace(style, kind=SpanKind.DATE, text=fallback)
    instant = datetime.fromtimestamp(int(seconds), zone)
    shown = _DATE_TOKEN.sub(lambda token: _DATE_FORMATS[token[1].removesuffix("_pretty")].format(instant), form)
    return replace(style, kind=SpanKind.DATE, text=shown, target=link[0])


def _merge_spans(spans: list[Span]) -> list[Span]:
    """Neighbours that are drawn alike as one, and nothing that is empty."""
    merged: list[Span] = []
    for span in spans:
        alike = merged and span.kind is SpanKind.TEXT and replace(merged[-1], text=span.text) == span
        if alike:
            merged[-1] = replace(span, text=merged[-1].text + span.text)
        elif span.text:
            merged.append(span)
    return merged


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
