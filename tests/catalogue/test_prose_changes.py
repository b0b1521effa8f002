"""Changes of a page of prose."""

import time

from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import prose_changes

BEFORE = "Policy\nWe support it for a year. Then we do not.\nAsk us."


def test_difference_lists_removed_and_added_sentences() -> None:
    after = "Policy\nWe support it for two years. Then we do not.\nAsk us. Or do not."
    assert prose_changes.format_difference(BEFORE, after).splitlines() == [
        "− We support it for a year.",
        "+ We support it for two years.",
        "+ Or do not.",
    ]


def test_difference_is_short() -> None:
    after = "\n".join(f"{n} {'word ' * 80}{'x' * 300}" for n in range(30))
    lines = prose_changes.format_difference(BEFORE, after).splitlines()
    assert len(lines) == prose_changes.MAX_LINES + 1
    assert lines[-1] == "and 24 more"
    assert max(map(len, lines)) <= prose_changes.MAX_LINE_LENGTH + 2
    assert lines[1].endswith("word…")
    assert [line[0] for line in lines[:4]] == ["−", "+", "−", "+"]
    assert prose_changes.format_difference("a", "x" * 300) == f"− a\n+ {'x' * 199}…"


def test_lost_words_are_counted_across_lines() -> None:
    assert prose_changes.count_lost_words("a b b c", "b\nc d e f") == (2, 4)
    assert prose_changes.count_lost_words(BEFORE, BEFORE) == (0, 13)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_compared(before: str, after: str) -> None:
    assert prose_changes.format_difference(before, after)
    assert "differently" in prose_changes.format_difference(before, before)
    lost, total = prose_changes.count_lost_words(before, after)
    assert 0 <= lost <= total


def test_long_texts_are_compared_in_time() -> None:
    started = time.process_time()
    prose_changes.format_difference("A. " * 60_000, "A. B. " * 30_000)
    assert time.process_time() - started < 5
