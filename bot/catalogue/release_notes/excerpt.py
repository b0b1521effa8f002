"""A release note in a few whole sentences, short enough for a line of a message."""

import re
from collections.abc import Iterable

from bot.catalogue.release_notes import mentions

MAX_LENGTH = 300
"""Characters."""

_MILESTONE_ALONE = re.compile(r"M\d{1,3}(?:\.\d{1,2})? (?:release|update)s?[.:]?(?: updates?)?", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[\"“(]?[A-Z0-9])")
_PUNCTUATION = (".", ":", ";", "!", "?", ",")


def shorten(text: str) -> str:
    """The note where it is short; otherwise how it begins and what names a version, as far as there is room."""
    lines = [line for line in map(_clean, text.splitlines()) if line and not _MILESTONE_ALONE.fullmatch(line)]
    pieces = [piece for line in lines for piece in _SENTENCE_ENDS.split(line)]
    if not pieces:
        return ""
    chosen = {0} if len(pieces[0]) <= MAX_LENGTH else set()
    for number in sorted(range(len(pieces)), key=lambda n: (not mentions.find_mentions(pieces[n]), n)):
        if len(_join(pieces, chosen | {number})) <= MAX_LENGTH:
            chosen.add(number)
    return _join(pieces, chosen) or _truncate(pieces[0])


def _clean(line: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def _join(pieces: list[str], chosen: Iterable[int]) -> str:
    """The pieces in their order; a line that ends without a stop is parted from the next by a semicolon."""
    said = ""
    for number in sorted(chosen):
        blank = "" if not said else " " if said.endswith(_PUNCTUATION) else "; "
        said += f"{blank}{pieces[number]}"
    return said


def _truncate(sentence: str) -> str:
    """A sentence that is too long alone, cut at a word."""
    kept = sentence[: MAX_LENGTH - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
