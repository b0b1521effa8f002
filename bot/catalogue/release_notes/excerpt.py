"""Excerpt of a release note that fits into a line of a message."""

import re
from collections.abc import Iterable

from bot.catalogue.release_notes import mentions

MAX_LENGTH = 300
"""Characters."""

_MILESTONE_ALONE = re.compile(r"M\d{1,3}(?:\.\d{1,2})? (?:release|update)s?[.:]?(?: updates?)?", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[\"“(]?[A-Z0-9])")
_PUNCTUATION = (".", ":", ";", "!", "?", ",")


def shorten(text: str) -> str:
    """Return a short note whole, otherwise its first sentence and those that name versions, up to MAX_LENGTH."""
    lines = [line for line in map(_clean, text.splitlines()) if line and not _MILESTONE_ALONE.fullmatch(line)]
    sentences = [sentence for line in lines for sentence in _SENTENCE_ENDS.split(line)]
    if not sentences:
        return ""
    chosen = {0} if len(sentences[0]) <= MAX_LENGTH else set()
    for index in sorted(range(len(sentences)), key=lambda n: (not mentions.find_mentions(sentences[n]), n)):
        if len(_join(sentences, chosen | {index})) <= MAX_LENGTH:
            chosen.add(index)
    return _join(sentences, chosen) or _truncate(sentences[0])


def _clean(line: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def _join(sentences: list[str], chosen: Iterable[int]) -> str:
    """Join the chosen sentences in order, with a semicolon after one that ends without punctuation."""
    text = ""
    for index in sorted(chosen):
        separator = "" if not text else " " if text.endswith(_PUNCTUATION) else "; "
        text += f"{separator}{sentences[index]}"
    return text


def _truncate(sentence: str) -> str:
    """Cut the sentence at a word, and add an ellipsis."""
    kept = sentence[: MAX_LENGTH - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
