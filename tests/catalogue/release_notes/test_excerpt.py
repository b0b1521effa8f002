"""Excerpts of release notes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.release_notes import excerpt

LONG = "It has many words that say nothing of any version at all. " * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("M129 release", ""),
        ("M129 release\nPyTorch 2.4 images are available.", "PyTorch 2.4 images are available."),
        ("Past their end:\nTensorflow 2.17 and earlier\nPytorch 2.3",
         "Past their end: Tensorflow 2.17 and earlier; Pytorch 2.3"),
        ("One.  Two\u200b.\tThree", "One. Two . Three"),
        (f"These ended:\n{LONG}\nPyTorch 2.3 and earlier", f"These ended: {LONG.strip()} PyTorch 2.3 and earlier"),
        (f"These ended:\n{LONG}{LONG}\nPyTorch 2.3 and earlier",
         f"These ended: {LONG.strip()} PyTorch 2.3 and earlier"),
        ("word " * 100, f"{('word ' * 60)[:-1]}"[:294] + "…"),
        ("x" * 400, "x" * 299 + "…"),
        (f"{'word ' * 100}\nPyTorch 2.3 ends", "PyTorch 2.3 ends"),
    ],
)  # fmt: skip
def test_excerpt_keeps_the_first_sentence_and_named_versions(text: str, expected: str) -> None:
    assert excerpt.shorten(text) == expected


@given(st.text(max_size=900))
def test_excerpt_is_short_and_printable(text: str) -> None:
    short_text = excerpt.shorten(text)
    assert len(short_text) <= excerpt.MAX_LENGTH
    assert short_text.isprintable()


def test_long_text_is_shortened_in_time() -> None:
    started = time.process_time()
    for text in ("a\n" * 10_000, "PyTorch 2.3. " * 1_500, "a. " * 6_000):
        excerpt.shorten(text)
    assert time.process_time() - started < 5
