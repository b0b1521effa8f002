"""Blocks of a page in either format: headings, tables and passages, in page order."""

from msgspec import Struct

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphens, zero-width characters and byte order marks, which pages use to let long names wrap."""


class PageError(ValueError):
    """A text isn't the expected page. The message says why."""


class SectionTitle(Struct, frozen=True):
    """A heading. Level 1 is the highest."""

    level: int
    text: str


class Passage(Struct, frozen=True):
    """A paragraph, a list item, or other text outside headings and tables."""

    text: str


class Cell(Struct, frozen=True):
    """A table cell with its lines, whitespace normalised."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The cell on one line."""
        return " ".join(self.lines)


class Table(Struct, frozen=True):
    """The rows of a table. A spanning cell is repeated at each of its places."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def lines(self) -> list[str]:
        """The cells of each row on one line."""
        return [" | ".join(cell.text for cell in row) for row in self.rows]


Block = SectionTitle | Passage | Table


def normalize_whitespace(text: str) -> str:
    """Return the text with single blanks between words and without invisible characters."""
    return " ".join(text.translate(_INVISIBLE).split())


def parse_cell(text: str) -> Cell:
    """Return a cell with the text's lines, without empty ones."""
    return Cell(tuple(line for line in map(normalize_whitespace, text.split("\n")) if line))
