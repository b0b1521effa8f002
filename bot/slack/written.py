"""Everything that is written in a message: its text, its blocks with code fences in them, its attachments."""

from collections.abc import Iterator, Mapping
from typing import Any

LONGEST = 60_000
"""Characters that are kept."""

DEEPEST = 12
"""Blocks within blocks that are looked into; Slack's own go half as deep."""

_RUNS = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
"""Whose pieces are one text, cut where its style changes."""
_TEXTS = ("title", "pretext", "text", "value", "fallback", "url", "title_link")
_PARTS = ("blocks", "elements", "fields", "rows", "attachments", "text", "accessory", "message_blocks", "message")


def in_message(message: Mapping[str, Any]) -> str:
    """What the message says, every part on lines of its own; never raises, whatever the message holds."""
    return "\n".join(_texts(message, 0))[:LONGEST]


def _texts(part: object, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(part, list):
        for one in part:
            yield from _texts(one, depth + 1)
    elif isinstance(part, Mapping):
        pieces = part.get("elements")
        if str(part.get("type")) in _RUNS and isinstance(pieces, list):
            yield "".join(_piece(piece) for piece in pieces if isinstance(piece, Mapping))
            return
        yield from (text for key in _TEXTS if isinstance(text := part.get(key), str) and text)
        for key in _PARTS:
            yield from _texts(part.get(key), depth + 1)


def _piece(piece: Mapping[str, Any]) -> str:
    """A piece of a run: its text; of a link its address too."""
    text, url = piece.get("text"), piece.get("url")
    said = [str(each) for each in (text, url) if isinstance(each, str) and each]
    return "\n".join(said) if url else "".join(said)
