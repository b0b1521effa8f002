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
from bot.catalogue.page.date_cells import Format, read_date
from bot.catalogue.page.description import Description
from bot.catalogue.page.rows import PrintedRow
from bot.catalogue.page.tables import Layout, layout, printed

__all__ = ["LONGEST", "Page", "PageError", "Remark", "read", "words"]

LONGEST = 5_000_000
"""Characters; the real page has a few hundred thousand."""
LONGEST_REMARK = 300

_HTML = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_LANGUAGE = re.compile(r"<html\b[^<>]*?\blang\s*=\s*[\"']?([a-z]{2,3})", re.IGNORECASE)
_FOOTER = ("Except as otherwise noted", "Last updated")
_CHALLENGE = re.compile(r"captcha|unusual traffic|not a robot|enable javascript", re.IGNORECASE)


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
    missing: tuple[str, ...] = ()
    """A sentence for each heading of the description without its table."""
    crooked: tuple[str, ...] = ()
    """A sentence for each row that is not as wide as its table, with its text."""

    @property
    def fingerprint(self) -> str:
        """Equal for readings that print the same rows, whatever else of the page changed."""
        said = json.dumps([[astuple(row) for row in self.rows], self.missing, self.crooked])
        return hashlib.sha256(said.encode()).hexdigest()


def read(text: str, description: Description) -> Page:
    """The page in HTML or Markdown; raises PageError with the reason where it is no such page."""
    _refuse_other_pages(text, description.language)
    found = tuple(_blocks(text))
    tables = tuple(_of_sections(found, description))
    if not any(block.laid for block in tables):
        raise PageError(_why_none(text, found, description))
    rows: list[PrintedRow] = []
    remarks: list[Remark] = []
    crooked: list[str] = []
    for table in tables:
        remarks += [Remark(table.section, said[:LONGEST_REMARK]) for said in table.said]
        if table.laid is not None:
            read_rows, bands, odd = printed(table.rows, table.laid, table.section)
            rows += read_rows
            remarks += [Remark(table.section, said[:LONGEST_REMARK]) for said in bands]
            crooked += odd
    missing = tuple(_missing(tables, description))
    return Page(
        description.product,
        tuple(rows),
        _last_updated(found, description.updated),
        tuple(remarks),
        missing,
        tuple(crooked),
    )


class _Found(Struct, frozen=True):
    """A table below a heading of the description, with what was said since that heading."""

    section: str
    laid: Layout | None
    rows: tuple[tuple[Cell, ...], ...] = ()
    said: tuple[str, ...] = ()


def _refuse_other_pages(text: str, wanted: str = "en") -> None:
    if not text.strip():
        raise PageError("the page is empty")
    if len(text) > LONGEST:
        raise PageError(f"the page has {len(text):,} characters, more than the {LONGEST:,} that are read")
    language = _LANGUAGE.search(text[:20_000])
    if language and language[1].lower() != wanted:
        other = "English" if wanted == "en" else f"“{wanted}”"
        raise PageError(f"the page is written in another language than {other} (“{language[1]}”)")


def words(text: str) -> tuple[str, ...]:
    """What a page of prose says, line by line, from its title to its footer; equal while nothing was rewritten.

    Raises PageError where the text is no page with a title, or one in another language.
    """
    _refuse_other_pages(text)
    lines: list[str] = []
    for block in _blocks(text):
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


def _blocks(text: str) -> Iterator[Block]:
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if begins == "<" and (_HTML.search(text) or not _MARKDOWN_HEADING.search(text)):
        return html.blocks(text)
    return markdown.blocks(text)


def _of_sections(blocks: Iterable[Block], description: Description) -> Iterator[_Found]:
    """Every table below a heading of the description, or below a heading of lower rank under it."""
    names = {_key(name): name for name in description.sections}
    section, level = "", 0
    said: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            if _key(block.text) in names:
                section, level, said = names[_key(block.text)], block.level, []
            elif block.level <= level:
                section, level = "", 0
        elif section and isinstance(block, Passage):
            said.append(block.text)
        elif section and isinstance(block, Table):
            laid = layout(block.rows, description)
            yield _Found(section, laid, block.rows, tuple(said))
            said = []


def _missing(tables: Iterable[_Found], description: Description) -> Iterator[str]:
    found = {table.section for table in tables if table.laid is not None}
    for section in description.sections:
        if section not in found:
            yield f"there is no table of versions under “{section}”"


def _why_none(text: str, blocks: tuple[Block, ...], description: Description) -> str:
    headings = {_key(block.text) for block in blocks if isinstance(block, Heading)}
    if headings.isdisjoint(map(_key, description.sections)):
        if _CHALLENGE.search(text):
            return "instead of the page came a check whether a person is asking"
        return f"the page has none of the headings {_listed(description.sections)}"
    if not any(isinstance(block, Table) for block in blocks):
        return "the page has the headings, and no table"
    needed = [column.spellings[0] for column in description.columns if column.required]
    return f"no table under the headings has the columns {_listed(needed)}"


def _last_updated(blocks: Iterable[Block], updated: str) -> date | None:
    """The last one printed: the page's footer."""
    found = [match for block in blocks if isinstance(block, Passage) for match in re.finditer(updated, block.text)]
    return read_date(found[-1][1], frozenset({Format.ISO})).day if found else None


def _key(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
