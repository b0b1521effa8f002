"""Changes of a page of prose: added and removed sentences, and the number of lost words."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

MAX_LINES = 10
"""Lines of a difference. Further ones are only counted."""

MAX_LINE_LENGTH = 200
"""Characters of a sentence in a difference."""

_SENTENCE_ENDS = re.compile(r"(?<=[.!?:])\s+(?=[\"“(]?[A-Z0-9])")


def count_lost_words(before: str, after: str) -> tuple[int, int]:
    """Return the number of words of the old text that the new one lacks, and the number of all old words."""
    old_words = Counter(before.split())
    return (old_words - Counter(after.split())).total(), old_words.total()


def format_difference(before: str, after: str) -> str:
    """List removed and added sentences alternately, each in the order of the page."""
    old, new = _split_sentences(before), _split_sentences(after)
    removed = [f"− {_shorten(sentence)}" for sentence in _list_missing(old, new)]
    added = [f"+ {_shorten(sentence)}" for sentence in _list_missing(new, old)]
    lines = [line for pair in zip_longest(removed, added) for line in pair if line]
    if not lines:
        return "same sentences, split or ordered differently"
    if len(lines) > MAX_LINES:
        lines[MAX_LINES:] = [f"and {len(lines) - MAX_LINES} more"]
    return "\n".join(lines)


def _split_sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in _SENTENCE_ENDS.split(line) if sentence]


def _list_missing(sentences: list[str], others: list[str]) -> Iterator[str]:
    """Yield the sentences that the others lack, repeated ones as often as they do, in linear time."""
    remaining = Counter(others)
    for sentence in sentences:
        if remaining[sentence]:
            remaining[sentence] -= 1
        else:
            yield sentence


def _shorten(sentence: str) -> str:
    if len(sentence) <= MAX_LINE_LENGTH:
        return sentence
    kept = sentence[: MAX_LINE_LENGTH - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
