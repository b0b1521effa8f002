"""A release note in a few whole sentences, short enough for a line of a message."""

import re
from collections.abc import Iterable

from bot.catalogue.release_notes import mentions

LONGEST = 300
"""Characters."""

_MILESTONE_ALONE = re.compile(r"M\d{1,3}(?:\.\d{1,2})? (?:release|update)s?[.:]?(?: updates?)?", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[\"“(]?[A-Z0-9])")
_STOPS = (".", ":", ";", "!", "?", ",")


def of(text: str) -> str:
    """The note where it is short; otherwise how it begins and what names a version, as far as there is room."""
    lines = [line for line in map(_cleaned, text.splitlines()) if line and not _MILESTONE_ALONE.fullmatch(line)]
    pieces = [piece for line in lines for piece in _SENTENCE_ENDS.split(line)]
    if not pieces:
        return ""
    chosen = {0} if len(pieces[0]) <= LONGEST else set()
    for number in sorted(range(len(pieces)), key=lambda n: (not mentions.of(pieces[n]), n)):
        if len(_joined(pieces, chosen | {number})) <= LONGEST:
            chosen.add(number)
    return _joined(pieces, chosen) or _cut(pieces[0])


def _cleaned(line: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def _joined(pieces: list[str], chosen: Iterable[int]) -> str:
    """The pieces in their order; a line that ends without a stop is parted from the next by a semicolon."""
    said = ""
    for number in sorted(chosen):
        blank = "" if not said else " " if said.endswith(_STOPS) else "; "
        said += f"{blank}{pieces[number]}"
    return said


def _cut(sentence: str) -> str:
    """A sentence that is too long alone, cut at a word."""
    kept = sentence[: LONGEST - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
