"""The page of supported framework versions, read by the names of its headings and columns, never by their places.

Pure: a text and a description in, printed rows out. What can't be such a page raises PageError with the reason;
what is such a page with something odd about it says so, and the gates judge it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import astuple

from bot.catalogue.page import html, markdown
from bot.catalogue.page.blocks import Block, Cell, Heading, PageError, Passage, Table
from bot.catalogue.page.date_cells import DateFormat, parse_date
from bot.catalogue.page.description import PageDescription
from bot.catalogue.page.rows import PrintedRow
from bot.catalogue.page.tables import Layout, find_layout, parse_table

__all__ = ["MAX_LENGTH", "Page", "PageError", "Remark", "extract_lines", "parse_page"]

MAX_LENGTH = 5_000_000
"""Characters; the real page has a few hundred thousand."""
MAX_REMARK_LENGTH = 300

_HTML = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_LANGUAGE = re.compile(r"<html\b[^<>]*?\blang\s*=\s*[\"']?([a-z]{2,3})", re.IGNORECASE)
_FOOTER = ("Except as otherwise noted", "Last updated")
_BOT_CHECK = re.compile(r"captcha|unusual traffic|not a robot|enable javascript", re.IGNORECASE)


class Remark(Struct, frozen=True):
    """What the page says above or inside a table about all of its rows."""

    section: str
    text: str


class Page(Struct, frozen=True):
    """A reading of the page, as printed."""

    product: str
    rows: tuple[PrintedRow, ...]
    """In the page's order."""
    last_updated: date | None
    """The page's own day; None where it prints none."""
    remarks: tuple[Remark, ...] = ()
    missing_tables: tuple[str, ...] = ()
    """A sentence for each heading of the description without its table."""
    malformed_rows: tuple[str, ...] = ()
    """A sentence for each row that is not as wide as its table, with its text."""

    @property
    def fingerprint(self) -> str:
        """Equal for readings that print the same rows, whatever else of the page changed."""
        said = json.dumps([[astuple(row) for row in self.rows], self.missing_tables, self.malformed_rows])
        return hashlib.sha256(said.encode()).hexdigest()


def parse_page(text: str, description: PageDescription) -> Page:
    """The page in HTML or Markdown; raises PageError with the reason where it is no such page."""
    _check_text(text, description.language)
    found = tuple(_parse_blocks(text))
    tables = tuple(_find_section_tables(found, description))
    if not any(block.layout for block in tables):
        raise PageError(_explain_no_tables(text, found, description))
    rows: list[PrintedRow] = []
    remarks: list[Remark] = []
    crooked: list[str] = []
    for table in tables:
        remarks += [Remark(table.section, said[:MAX_REMARK_LENGTH]) for said in table.remarks]
        if table.layout is not None:
            read_rows, bands, odd = parse_table(table.rows, table.layout, table.section)
            rows += read_rows
            remarks += [Remark(table.section, said[:MAX_REMARK_LENGTH]) for said in bands]
            crooked += odd
    missing = tuple(_describe_missing_tables(tables, description))
    return Page(
        description.product,
        tuple(rows),
        _find_last_updated(found, description.updated_pattern),
        tuple(remarks),
        missing,
        tuple(crooked),
    )


class _SectionTable(Struct, frozen=True):
    """A table below a heading of the description, with what was said since that heading."""

    section: str
    layout: Layout | None
    rows: tuple[tuple[Cell, ...], ...] = ()
    remarks: tuple[str, ...] = ()


def _check_text(text: str, expected: str = "en") -> None:
    if not text.strip():
        raise PageError("the page is empty")
    if len(text) > MAX_LENGTH:
        raise PageError(f"the page has {len(text):,} characters, more than the {MAX_LENGTH:,} that are read")
    language = _LANGUAGE.search(text[:20_000])
    if language and language[1].lower() != expected:
        other = "English" if expected == "en" else f"“{expected}”"
        raise PageError(f"the page is written in another language than {other} (“{language[1]}”)")


def extract_lines(text: str) -> tuple[str, ...]:
    """What a page of prose says, line by line, from its title to its footer; equal while nothing was rewritten.

    Raises PageError where the text is no page with a title, or one in another language.
    """
    _check_text(text)
    lines: list[str] = []
    for block in _parse_blocks(text):
        if isinstance(block, Table):
            said = [" | ".join(cell.text for cell in row) for row in block.rows]
        else:
            said = [block.text]
        if lines and any(line.startswith(_FOOTER) for line in said):
            break
        if lines or (isinstance(block, Heading) and block.level == 1):
            lines += said
    if not lines:
        raise PageError("the page has no title")
    return tuple(lines)


def _parse_blocks(text: str) -> Iterator[Block]:
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if begins == "<" and (_HTML.search(text) or not _MARKDOWN_HEADING.search(text)):
        return html.parse_blocks(text)
    return markdown.parse_blocks(text)


def _find_section_tables(blocks: Iterable[Block], description: PageDescription) -> Iterator[_SectionTable]:
    """Every table below a heading of the description, or below a heading of lower rank under it."""
    names = {_normalize_heading(name): name for name in description.sections}
    section, level = "", 0
    said: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            if _normalize_heading(block.text) in names:
                section, level, said = names[_normalize_heading(block.text)], block.level, []
            elif block.level <= level:
                section, level = "", 0
        elif section and isinstance(block, Passage):
            said.append(block.text)
        elif section and isinstance(block, Table):
            laid = find_layout(block.rows, description)
            yield _SectionTable(section, laid, block.rows, tuple(said))
            said = []


def _describe_missing_tables(tables: Iterable[_SectionTable], description: PageDescription) -> Iterator[str]:
    found = {table.section for table in tables if table.layout is not None}
    for section in description.sections:
        if section not in found:
            yield f"there is no table of versions under “{section}”"


def _explain_no_tables(text: str, blocks: tuple[Block, ...], description: PageDescription) -> str:
    headings = {_normalize_heading(block.text) for block in blocks if isinstance(block, Heading)}
    if headings.isdisjoint(map(_normalize_heading, description.sections)):
        if _BOT_CHECK.search(text):
            return "instead of the page came a check whether a person is asking"
        return f"the page has none of the headings {_format_names(description.sections)}"
    if not any(isinstance(block, Table) for block in blocks):
        return "the page has the headings, and no table"
    needed = [column.spellings[0] for column in description.columns if column.is_required]
    return f"no table under the headings has the columns {_format_names(needed)}"


def _find_last_updated(blocks: Iterable[Block], updated: str) -> date | None:
    """The last one printed: the page's footer."""
    found = [match for block in blocks if isinstance(block, Passage) for match in re.finditer(updated, block.text)]
    return parse_date(found[-1][1], frozenset({DateFormat.ISO})).day if found else None


def _normalize_heading(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _format_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
