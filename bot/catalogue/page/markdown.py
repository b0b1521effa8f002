"""Parser of Markdown pages into blocks. Documentation sites serve Markdown besides HTML."""

import re
from collections.abc import Iterator
from html import unescape

from bot.catalogue.page import html
from bot.catalogue.page.blocks import Block, Cell, PageError, Passage, SectionTitle, Table, parse_cell

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
    """Yield the headings, tables and passages of a page. Tables can be in Markdown or in HTML.

    Raise PageError if a line is too long or an HTML table isn't closed.
    """
    lines = text.splitlines()
    if max(map(len, lines), default=0) > MAX_LINE_LENGTH:
        raise PageError(f"the page has a line longer than {MAX_LINE_LENGTH:,} characters")
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        if fence := _FENCE.match(line):
            index = _skip_fence(lines, index, fence[1])
        elif line.lower().startswith("<table"):
            index, table_html = _extract_html_table(lines, index)
            yield from html.parse_blocks(table_html)
        elif "|" in line and index + 1 < len(lines) and _is_delimiter(lines[index + 1]):
            index, table = _parse_table(lines, index)
            yield table
        else:
            yield from _parse_line(line)
            index += 1


def _parse_line(line: str) -> Iterator[Block]:
    if heading := _HEADING.fullmatch(line):
        yield SectionTitle(len(heading[1]), _parse_cell(heading[2]).text)
    elif text := _parse_cell(line).text:
        yield Passage(text)


def _skip_fence(lines: list[str], start: int, fence: str) -> int:
    """Return the index of the line after a code block. An unclosed code block ends the page."""
    for index in range(start + 1, len(lines)):
        if lines[index].strip().startswith(fence):
            return index + 1
    return len(lines)


def _extract_html_table(lines: list[str], start: int) -> tuple[int, str]:
    """Return the index after an HTML table and the table, with nested tables. Raise PageError if it isn't closed."""
    depth = 0
    for index in range(start, len(lines)):
        line = lines[index].lower()
        depth += line.count("<table") - line.count("</table")
        if depth <= 0:
            return index + 1, "\n".join(lines[start : index + 1])
    raise PageError("the page is truncated")


def _is_delimiter(line: str) -> bool:
    return "|" in line and "-" in line and _DELIMITER.fullmatch(line.strip()) is not None


def _parse_table(lines: list[str], start: int) -> tuple[int, Table]:
    has_end_pipe = lines[start].rstrip().endswith("|")
    rows = [_parse_row(lines[start], has_end_pipe=has_end_pipe)]
    index = start + 2
    while index < len(lines) and _PIPE.search(lines[index]):
        rows.append(_parse_row(lines[index], has_end_pipe=has_end_pipe))
        index += 1
    return index, Table(tuple(rows))


def _parse_row(line: str, *, has_end_pipe: bool) -> tuple[Cell, ...]:
    """Return the cells of a row. If rows end in a pipe, a last cell without one is truncated and left out."""
    cells = _PIPE.split(line.strip())
    if not cells[0].strip():
        cells = cells[1:]
    if has_end_pipe or not cells[-1].strip():
        cells = cells[:-1]
    return tuple(map(_parse_cell, cells))


def _parse_cell(text: str) -> Cell:
    """Return the text without Markdown's markup. `<br>` starts a new line."""
    plain = _ELEMENT.sub("", _BREAK.sub("\n", text))
    plain = _LINK.sub(r"\1", plain).replace("`", "").replace("*", "")
    plain = _UNDERLINED.sub("", _ESCAPE.sub(r"\1", plain))
    return parse_cell(unescape(plain))
