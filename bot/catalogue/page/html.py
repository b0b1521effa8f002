"""Parser of HTML pages into blocks, limited in depth and size."""

import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.catalogue.page.blocks import (
    Block,
    Cell,
    PageError,
    Passage,
    SectionTitle,
    Table,
    normalize_whitespace,
    parse_cell,
)

MAX_DEPTH = 400
"""Levels of nested elements. The HTML parser's time grows with the square of the depth."""
MAX_NODES = 50_000

_IGNORED_TAGS = frozenset({"script", "style", "template", "noscript", "svg", "head", "-comment"})
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = (
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u var"
    " wbr"
)
_INLINE_TAGS = frozenset(_INLINE.split())
_UNNESTED = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option"
)
_UNNESTED_TAGS = frozenset(_UNNESTED.split())
"""Elements that are empty, or that end without a closing tag when the next one begins."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_IGNORED_START = re.compile(r"<!--|<(script|style|template|noscript|svg)\b", re.IGNORECASE)
_IGNORED_END = {
    tag: re.compile(rf"</{tag}\b[^<>]*>" if tag else "-->", re.IGNORECASE)
    for tag in ("", "script", "style", "template", "noscript", "svg")
}
_MAX_SPAN = 100


def parse_blocks(html: str) -> Iterator[Block]:
    """Yield the headings, tables and passages of a page. Raise PageError if it is truncated or nested too deeply."""
    stripped = _strip_ignored(html)
    _check_complete(stripped)
    _check_depth(stripped)
    root = LexborHTMLParser(stripped).body
    if root is None:
        return
    line: list[str] = []
    for node, entering in _walk(root, _IGNORED_TAGS | _HEADING_TAGS | {"table"}):
        if node.tag == "-text":
            line.append(node.text_content or "")
        elif node.tag not in _INLINE_TAGS:
            yield from _flush_line(line)
            if entering and node.tag in _HEADING_TAGS:
                yield SectionTitle(int(str(node.tag)[1]), _parse_cell(node).text)
            elif entering and node.tag == "table":
                yield Table(tuple(_parse_rows(node)))
    yield from _flush_line(line)


def _strip_ignored(html: str) -> str:
    """Return the page without scripts, styles and comments. An unclosed one ends the page."""
    kept: list[str] = []
    position = 0
    for start in _IGNORED_START.finditer(html):
        if start.start() < position:
            continue
        kept.append(html[position : start.start()])
        end = _IGNORED_END[(start[1] or "").lower()].search(html, start.end())
        if end is None:
            return "".join(kept)
        position = end.end()
    return "".join([*kept, html[position:]])


def _check_complete(html: str) -> None:
    counts = Counter(tag[1].lower() for tag in re.finditer(r"<(/?(?:html|table))\b", html, re.IGNORECASE))
    if any(counts[tag] > counts[f"/{tag}"] for tag in ("html", "table")):
        raise PageError("the page is truncated")


def _check_depth(html: str) -> None:
    """Raise PageError if elements nest too deeply. Count open tags without building a tree."""
    open_tags: Counter[str] = Counter()
    depth = 0
    for match in _TAG.finditer(html):
        tag = match[2].lower()
        if tag in _UNNESTED_TAGS:
            continue
        if not match[1]:
            open_tags[tag] += 1
            depth += 1
        elif open_tags[tag]:
            open_tags[tag] -= 1
            depth -= 1
        if depth > MAX_DEPTH:
            raise PageError(f"the page nests elements more than {MAX_DEPTH} levels deep")


def _walk(root: LexborNode, leaves: frozenset[str]) -> Iterator[tuple[LexborNode, bool]]:
    """Yield every node below the root in page order, with True on entering and False on leaving it.

    Nodes with a tag in `leaves` are yielded once, without their children.
    """
    stack = [(child, True) for child in reversed(_list_children(root))]
    count = 0
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if not entering or node.tag == "-text" or node.tag in leaves:
            continue
        count += 1
        if count > MAX_NODES:
            raise PageError(f"the page has more than {MAX_NODES:,} elements")
        stack.append((node, False))
        stack += [(child, True) for child in reversed(_list_children(node))]


def _list_children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _flush_line(line: list[str]) -> Iterator[Passage]:
    """Yield the collected text as a passage, unless it is blank, and empty the list."""
    text = normalize_whitespace("".join(line))
    line.clear()
    if text:
        yield Passage(text)


def _parse_cell(node: LexborNode) -> Cell:
    """Return an element's text as a cell. A block element or a line break starts a new line."""
    parts: list[str] = []
    for child, _ in _walk(node, _IGNORED_TAGS):
        if child.tag == "-text":
            parts.append(" ".join((child.text_content or " ").split("\n")))
        elif child.tag not in _INLINE_TAGS and child.tag not in _IGNORED_TAGS:
            parts.append("\n")
    return parse_cell("".join(parts))


def _parse_rows(table: LexborNode) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows, with every spanning cell repeated. A nested table is text of its cell."""
    spanning: dict[int, tuple[Cell, int]] = {}
    for node, entering in _walk(table, _IGNORED_TAGS | {"tr", "table"}):
        if node.tag != "tr" or not entering:
            continue
        row: list[Cell] = []
        for child in _list_children(node):
            if child.tag not in {"td", "th"}:
                continue
            _fill_spanned_cells(row, spanning)
            cell, height = _parse_cell(child), _parse_span(child, "rowspan")
            for _ in range(_parse_span(child, "colspan")):
                if height > 1:
                    spanning[len(row)] = (cell, height - 1)
                row.append(cell)
        _fill_spanned_cells(row, spanning)
        yield tuple(row)


def _fill_spanned_cells(row: list[Cell], spanning: dict[int, tuple[Cell, int]]) -> None:
    """Append the cells that span into the row from above, up to the next free column."""
    while len(row) in spanning:
        cell, rows_left = spanning.pop(len(row))
        if rows_left > 1:
            spanning[len(row)] = (cell, rows_left - 1)
        row.append(cell)


def _parse_span(node: LexborNode, attribute: str) -> int:
    """Return the span between 1 and `_MAX_SPAN`. An invalid span is 1."""
    text = (node.attributes.get(attribute) or "1").strip()
    return min(max(int(text), 1), _MAX_SPAN) if text.isascii() and text.isdigit() else 1
