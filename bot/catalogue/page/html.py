"""Pages written in HTML, taken apart into their blocks; bounded in depth and size, whatever was sent."""

import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.catalogue.page.blocks import Block, Cell, Heading, PageError, Passage, Table, normalize_whitespace, parse_cell

MAX_DEPTH = 400
"""Elements inside each other; the parser's time grows with the square of them."""
MAX_NODES = 50_000

_IGNORED_TAGS = frozenset({"script", "style", "template", "noscript", "svg", "head", "-comment"})
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = (
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u var"
    " wbr"
)
_INLINE_TAGS = frozenset(_INLINE.split())
_ENDING = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option"
)
_UNNESTED_TAGS = frozenset(_ENDING.split())
"""Elements that are empty, or end by themselves where the next one begins."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_IGNORED_START = re.compile(r"<!--|<(script|style|template|noscript|svg)\b", re.IGNORECASE)
_IGNORED_END = {
    tag: re.compile(rf"</{tag}\b[^<>]*>" if tag else "-->", re.IGNORECASE)
    for tag in ("", "script", "style", "template", "noscript", "svg")
}
_MAX_SPAN = 100


def parse_blocks(html: str) -> Iterator[Block]:
    """The headings, tables and passages of a page; raises PageError where it is cut off or too deep."""
    spoken = _strip_ignored(html)
    _check_complete(spoken)
    _check_depth(spoken)
    root = LexborHTMLParser(spoken).body
    if root is None:
        return
    line: list[str] = []
    for node, entering in _walk(root, _IGNORED_TAGS | _HEADING_TAGS | {"table"}):
        if node.tag == "-text":
            line.append(node.text_content or "")
        elif node.tag not in _INLINE_TAGS:
            yield from _flush_line(line)
            if entering and node.tag in _HEADING_TAGS:
                yield Heading(int(str(node.tag)[1]), _parse_cell(node).text)
            elif entering and node.tag == "table":
                yield Table(tuple(_parse_rows(node)))
    yield from _flush_line(line)


def _strip_ignored(html: str) -> str:
    """The page without scripts, styles and comments; what is opened and never closed ends the page."""
    kept: list[str] = []
    place = 0
    for found in _IGNORED_START.finditer(html):
        if found.start() < place:
            continue
        kept.append(html[place : found.start()])
        closed = _IGNORED_END[(found[1] or "").lower()].search(html, found.end())
        if closed is None:
            return "".join(kept)
        place = closed.end()
    return "".join([*kept, html[place:]])


def _check_complete(html: str) -> None:
    opened = Counter(found[1].lower() for found in re.finditer(r"<(/?(?:html|table))\b", html, re.IGNORECASE))
    if any(opened[tag] > opened[f"/{tag}"] for tag in ("html", "table")):
        raise PageError("the page is cut off before its end")


def _check_depth(html: str) -> None:
    """Counts what is open, tag by tag, without building anything."""
    opened: Counter[str] = Counter()
    depth = 0
    for found in _TAG.finditer(html):
        tag = found[2].lower()
        if tag in _UNNESTED_TAGS:
            continue
        if not found[1]:
            opened[tag] += 1
            depth += 1
        elif opened[tag]:
            opened[tag] -= 1
            depth -= 1
        if depth > MAX_DEPTH:
            raise PageError(f"the page nests more than {MAX_DEPTH} elements in each other")


def _walk(root: LexborNode, closed: frozenset[str]) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below the root in the page's order, entering it and leaving it; closed ones are not looked into."""
    ahead = [(child, True) for child in reversed(_list_children(root))]
    count = 0
    while ahead:
        node, entering = ahead.pop()
        yield node, entering
        if not entering or node.tag == "-text" or node.tag in closed:
            continue
        count += 1
        if count > MAX_NODES:
            raise PageError(f"the page has more than {MAX_NODES} elements")
        ahead.append((node, False))
        ahead += [(child, True) for child in reversed(_list_children(node))]


def _list_children(node: LexborNode) -> list[LexborNode]:
    found = []
    child = node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _flush_line(line: list[str]) -> Iterator[Passage]:
    text = normalize_whitespace("".join(line))
    line.clear()
    if text:
        yield Passage(text)


def _parse_cell(node: LexborNode) -> Cell:
    """What an element says: blanks within a line are the writer's, a block or a break begins a new line."""
    said: list[str] = []
    for inner, _ in _walk(node, _IGNORED_TAGS):
        if inner.tag == "-text":
            said.append(" ".join((inner.text_content or " ").split("\n")))
        elif inner.tag not in _INLINE_TAGS and inner.tag not in _IGNORED_TAGS:
            said.append("\n")
    return parse_cell("".join(said))


def _parse_rows(table: LexborNode) -> Iterator[tuple[Cell, ...]]:
    """The rows with every spanning cell repeated where it reaches; a table inside a cell is the cell's own affair."""
    reaching: dict[int, tuple[Cell, int]] = {}
    for node, entering in _walk(table, _IGNORED_TAGS | {"tr", "table"}):
        if node.tag != "tr" or not entering:
            continue
        row: list[Cell] = []
        for child in _list_children(node):
            if child.tag not in {"td", "th"}:
                continue
            _fill_spanned_cells(row, reaching)
            content, rows = _parse_cell(child), _parse_span(child, "rowspan")
            for _ in range(_parse_span(child, "colspan")):
                if rows > 1:
                    reaching[len(row)] = (content, rows - 1)
                row.append(content)
        _fill_spanned_cells(row, reaching)
        yield tuple(row)


def _fill_spanned_cells(row: list[Cell], reaching: dict[int, tuple[Cell, int]]) -> None:
    """Fills in the cells that reach into the row from above."""
    while len(row) in reaching:
        content, left = reaching.pop(len(row))
        if left > 1:
            reaching[len(row)] = (content, left - 1)
        row.append(content)


def _parse_span(node: LexborNode, name: str) -> int:
    written = (node.attributes.get(name) or "1").strip()
    return min(max(int(written), 1), _MAX_SPAN) if written.isascii() and written.isdigit() else 1
