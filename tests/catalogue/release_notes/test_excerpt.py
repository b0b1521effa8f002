"""A release note in a few whole sentences."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.release_notes import excerpt

LONG = "It has many words that say nothing of any version at all. " * 4


@pytest.mark.parametrize(
    ("text", "said"),
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
def test_an_excerpt_keeps_how_it_begins_and_what_names_a_version(text: str, said: str) -> None:
    assert excerpt.shorten(text) == said


@given(st.text(max_size=900))
def test_an_excerpt_of_any_text_is_short_and_printable(text: str) -> None:
    said = excerpt.shorten(text)
    assert len(said) <= excerpt.MAX_LENGTH
    assert said.isprintable()


def test_an_excerpt_of_a_long_text_is_made_in_time() -> None:
    started = time.process_time()
    for text in ("a\n" * 10_000, "PyTorch 2.3. " * 1_500, "a. " * 6_000):
        excerpt.shorten(text)
    assert time.process_time() - started < 5
