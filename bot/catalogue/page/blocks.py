"""What a page is made of, whatever it is written in: headings, tables and passages of text, in the page's order."""

from msgspec import Struct

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphens, zero-width blanks and byte order marks, with which pages let long names break."""


class PageError(ValueError):
    """What was read is not the page it should be; the text says why."""


class Heading(Struct, frozen=True):
    """A heading with its level, 1 the highest."""

    level: int
    text: str


class Passage(Struct, frozen=True):
    """A paragraph, an item of a list, or whatever else stands by itself."""

    text: str


class Cell(Struct, frozen=True):
    """A cell of a table: what it says, line by line, each with its blanks evened."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole cell on one line."""
        return " ".join(self.lines)


class Table(Struct, frozen=True):
    """The rows of a table; a cell that spans several places stands in each of them."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Heading | Passage | Table


def normalize_whitespace(text: str) -> str:
    """The text with single blanks between its words and nothing invisible."""
    return " ".join(text.translate(_INVISIBLE).split())


def parse_cell(text: str) -> Cell:
    """A cell of the lines of a text, empty ones left out."""
    return Cell(tuple(line for line in map(normalize_whitespace, text.split("\n")) if line))
