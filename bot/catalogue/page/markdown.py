"""Pages written in Markdown, as documentation sites serve them beside the HTML, taken apart into their blocks."""

import html
import re
from collections.abc import Iterator

from bot.catalogue.page import html as markup
from bot.catalogue.page.blocks import Block, Cell, Heading, PageError, Passage, Table, parse_cell

MAX_LINE_LENGTH = 20_000

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*(?:\{[^{}]*\})?\s*")
_DELIMITER = re.compile(r"\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ELEMENT = re.compile(r"</?[a-zA-Z][^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_UNDERLINED = re.compile(r"(?<!\w)_+|_+(?!\w)")


def parse_blocks(text: str) -> Iterator[Block]:
    """The headings, tables and passages of a page; tables may stand in pipes or in HTML."""
    lines = text.splitlines()
    if max(map(len, lines), default=0) > MAX_LINE_LENGTH:
        raise PageError(f"the page has a line of more than {MAX_LINE_LENGTH} characters")
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        fence = _FENCE.match(line)
        if fence:
            place = _skip_fence(lines, place, fence[1])
        elif line.lower().startswith("<table"):
            place, inner = _extract_html_table(lines, place)
            yield from markup.parse_blocks(inner)
        elif "|" in line and place + 1 < len(lines) and _is_delimiter(lines[place + 1]):
            place, table = _parse_table(lines, place)
            yield table
        else:
            yield from _parse_line(line)
            place += 1


def _parse_line(line: str) -> Iterator[Block]:
    heading = _HEADING.fullmatch(line)
    if heading:
        yield Heading(len(heading[1]), _parse_cell(heading[2]).text)
        return
    said = _parse_cell(line).text
    if said:
        yield Passage(said)


def _skip_fence(lines: list[str], place: int, fence: str) -> int:
    """The line after a block of code; one that is never closed ends the page."""
    for ahead in range(place + 1, len(lines)):
        if lines[ahead].strip().startswith(fence):
            return ahead + 1
    return len(lines)


def _extract_html_table(lines: list[str], place: int) -> tuple[int, str]:
    """A table in HTML, up to where as many tables are closed as were opened."""
    opened = 0
    for ahead in range(place, len(lines)):
        line = lines[ahead].lower()
        opened += line.count("<table") - line.count("</table")
        if opened <= 0:
            return ahead + 1, "\n".join(lines[place : ahead + 1])
    raise PageError("the page is cut off before its end")


def _is_delimiter(line: str) -> bool:
    return "|" in line and "-" in line and _DELIMITER.fullmatch(line.strip()) is not None


def _parse_table(lines: list[str], place: int) -> tuple[int, Table]:
    closed = lines[place].rstrip().endswith("|")
    rows = [_parse_row(lines[place], closed=closed)]
    place += 2
    while place < len(lines) and _PIPE.search(lines[place]):
        rows.append(_parse_row(lines[place], closed=closed))
        place += 1
    return place, Table(tuple(rows))


def _parse_row(line: str, *, closed: bool) -> tuple[Cell, ...]:
    """The cells of a row; where rows end in a pipe, a last cell without one was cut off and is left out."""
    cells = _PIPE.split(line.strip())
    if not cells[0].strip():
        cells = cells[1:]
    if closed or not cells[-1].strip():
        cells = cells[:-1]
    return tuple(map(_parse_cell, cells))


def _parse_cell(text: str) -> Cell:
    """The text without what Markdown writes around words; breaks part lines."""
    said = _ELEMENT.sub("", _BREAK.sub("\n", text))
    said = _LINK.sub(r"\1", said).replace("`", "").replace("*", "")
    said = _UNDERLINED.sub("", _ESCAPE.sub(r"\1", said))
    return parse_cell(html.unescape(said))
