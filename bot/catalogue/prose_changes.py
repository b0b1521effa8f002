"""What was rewritten on a page of prose: which sentences, and whether so much that it may not be the page any more."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

MAX_LINES = 10
"""Lines of a difference that are shown; the rest is counted."""

MAX_LINE_LENGTH = 200

_SENTENCE_ENDS = re.compile(r"(?<=[.!?:])\s+(?=[\"“(]?[A-Z0-9])")


def count_lost_words(before: str, after: str) -> tuple[int, int]:
    """How many words of a text are no longer in another, and how many it had."""
    had = Counter(before.split())
    return (had - Counter(after.split())).total(), had.total()


def format_difference(before: str, after: str) -> str:
    """The sentences that went and those that came, in turn, each in the order of the page."""
    had, has = _split_sentences(before), _split_sentences(after)
    gone, came = (("−", each) for each in _list_missing(had, has)), (("+", each) for each in _list_missing(has, had))
    changed = [line for pair in zip_longest(gone, came) for line in pair if line]
    if not changed:
        return "the same sentences, parted or ordered otherwise"
    shown = [f"{sign} {_shorten(sentence)}" for sign, sentence in changed[:MAX_LINES]]
    more = len(changed) - len(shown)
    return "\n".join([*shown, *([f"and {more} more"] if more else [])])


def _split_sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in _SENTENCE_ENDS.split(line) if sentence]


def _list_missing(sentences: list[str], others: list[str]) -> Iterator[str]:
    """The sentences that the others lack, counted: in linear time, as comparing sequences is not."""
    left = Counter(others)
    for sentence in sentences:
        if left[sentence]:
            left[sentence] -= 1
        else:
            yield sentence


def _shorten(sentence: str) -> str:
    if len(sentence) <= MAX_LINE_LENGTH:
        return sentence
    kept = sentence[: MAX_LINE_LENGTH - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
