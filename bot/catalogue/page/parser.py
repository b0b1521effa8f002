"""Parser of the page of supported framework versions. It finds tables and columns by their headings.

A text that can't be the page raises PageError. A page with missing tables or malformed rows is returned with these
listed, for validation to judge.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import astuple

from bot.catalogue.page import html, markdown
from bot.catalogue.page.blocks import Block, Cell, PageError, Passage, SectionTitle, Table
from bot.catalogue.page.date_cells import DateFormat, parse_date
from bot.catalogue.page.rows import PrintedRow
from bot.catalogue.page.tables import COLUMNS, REQUIRED_COLUMNS, Layout, find_layout, parse_table

__all__ = ["MAX_LENGTH", "Page", "PageError", "Remark", "extract_lines", "parse_page"]

MAX_LENGTH = 5_000_000
"""Characters. The real page has less than 500,000."""
MAX_REMARK_LENGTH = 300
SECTIONS = ("Base versions", "PyTorch versions", "TensorFlow versions")
"""Headings above the tables. Case and blanks don't matter."""

_HTML = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_LANGUAGE = re.compile(r"<html\b[^<>]*?\blang\s*=\s*[\"']?([a-z]{2,3})", re.IGNORECASE)
_LAST_UPDATED = re.compile(r"Last updated (\d{4}-\d{2}-\d{2})")
_FOOTER = ("Except as otherwise noted", "Last updated")
_BOT_CHECK = re.compile(r"captcha|unusual traffic|not a robot|enable javascript", re.IGNORECASE)


class Remark(Struct, frozen=True):
    """A text above or inside a table about all of its rows."""

    section: str
    text: str


class Page(Struct, frozen=True):
    """The page's rows as printed."""

    rows: tuple[PrintedRow, ...]
    """In page order."""
    last_updated: date | None
    """The day in the page's footer; None if there is none."""
    remarks: tuple[Remark, ...] = ()
    missing_tables: tuple[str, ...] = ()
    """A sentence for each section without a table."""
    malformed_rows: tuple[str, ...] = ()
    """A sentence for each row that isn't as wide as its table."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the rows and errors. It ignores the rest of the page."""
        content = json.dumps([[astuple(row) for row in self.rows], self.missing_tables, self.malformed_rows])
        return hashlib.sha256(content.encode()).hexdigest()


def parse_page(text: str) -> Page:
    """Parse a page in HTML or Markdown. Raise PageError if it isn't the page of versions."""
    _check_text(text)
    blocks = tuple(_parse_blocks(text))
    tables = tuple(_find_section_tables(blocks))
    if not any(table.layout for table in tables):
        raise PageError(_explain_no_tables(text, blocks))
    rows: list[PrintedRow] = []
    remarks: list[Remark] = []
    malformed_rows: list[str] = []
    for table in tables:
        remark_texts = [*table.remarks]
        if table.layout is not None:
            table_rows, spanning_texts, errors = parse_table(table.rows, table.layout, table.section)
            rows += table_rows
            remark_texts += spanning_texts
            malformed_rows += errors
        remarks += [Remark(table.section, remark[:MAX_REMARK_LENGTH]) for remark in remark_texts]
    return Page(
        rows=tuple(rows),
        last_updated=_find_last_updated(blocks),
        remarks=tuple(remarks),
        missing_tables=tuple(_describe_missing_tables(tables)),
        malformed_rows=tuple(malformed_rows),
    )


class _SectionTable(Struct, frozen=True):
    """A table in a section, with the passages above it."""

    section: str
    layout: Layout | None
    rows: tuple[tuple[Cell, ...], ...] = ()
    remarks: tuple[str, ...] = ()


def _check_text(text: str) -> None:
    """Raise PageError if the text is empty, too long, or declares a language other than English."""
    if not text.strip():
        raise PageError("the page is empty")
    if len(text) > MAX_LENGTH:
        raise PageError(f"the page has {len(text):,} characters, more than the limit of {MAX_LENGTH:,}")
    declared = _LANGUAGE.search(text[:20_000])
    if declared and declared[1].lower() != "en":
        raise PageError(f"the page isn’t in English (its language is “{declared[1]}”)")


def extract_lines(text: str) -> tuple[str, ...]:
    """Return the text of a prose page line by line, from its title to its footer.

    Changes of markup or outside that range don't change the result. Raise PageError if the page has no title or isn't
    in English.
    """
    _check_text(text)
    lines: list[str] = []
    for block in _parse_blocks(text):
        block_lines = block.lines if isinstance(block, Table) else [block.text]
        if lines and any(line.startswith(_FOOTER) for line in block_lines):
            break
        if lines or (isinstance(block, SectionTitle) and block.level == 1):
            lines += block_lines
    if not lines:
        raise PageError("the page has no title")
    return tuple(lines)


def _parse_blocks(text: str) -> Iterator[Block]:
    first_character = text.lstrip("\ufeff \t\r\n")[:1]
    if first_character == "<" and (_HTML.search(text) or not _MARKDOWN_HEADING.search(text)):
        return html.parse_blocks(text)
    return markdown.parse_blocks(text)


def _find_section_tables(blocks: Iterable[Block]) -> Iterator[_SectionTable]:
    """Yield every table in a section, including its subsections."""
    names = {_normalize_heading(name): name for name in SECTIONS}
    section, level = "", 0
    remarks: list[str] = []
    for block in blocks:
        if isinstance(block, SectionTitle):
            heading = _normalize_heading(block.text)
            if heading in names:
                section, level, remarks = names[heading], block.level, []
            elif block.level <= level:
                section, level = "", 0
        elif section and isinstance(block, Passage):
            remarks.append(block.text)
        elif section and isinstance(block, Table):
            yield _SectionTable(section, find_layout(block.rows), block.rows, tuple(remarks))
            remarks = []


def _describe_missing_tables(tables: Iterable[_SectionTable]) -> Iterator[str]:
    sections = {table.section for table in tables if table.layout is not None}
    return (f"there is no table of versions under “{name}”" for name in SECTIONS if name not in sections)


def _explain_no_tables(text: str, blocks: tuple[Block, ...]) -> str:
    headings = {_normalize_heading(block.text) for block in blocks if isinstance(block, SectionTitle)}
    if headings.isdisjoint(map(_normalize_heading, SECTIONS)):
        if _BOT_CHECK.search(text):
            return "the server sent a CAPTCHA instead of the page"
        return f"the page has none of the headings {_format_names(SECTIONS)}"
    if not any(isinstance(block, Table) for block in blocks):
        return "the page has the headings but no table"
    required = _format_names(COLUMNS[field][0] for field in REQUIRED_COLUMNS)
    return f"no table under the headings has the columns {required}"


def _find_last_updated(blocks: Iterable[Block]) -> date | None:
    """Return the day of the last match, which is in the footer, or None."""
    matches = [match for block in blocks if isinstance(block, Passage) for match in _LAST_UPDATED.finditer(block.text)]
    return parse_date(matches[-1][1], frozenset({DateFormat.ISO})).day if matches else None


def _normalize_heading(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _format_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
