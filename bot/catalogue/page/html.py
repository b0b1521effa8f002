"""Pages written in HTML, taken apart into their blocks; bounded in depth and size, whatever was sent."""

import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.catalogue.page.blocks import Block, Cell, Heading, PageError, Passage, Table, cell, evened

DEEPEST = 400
"""Elements inside each other; the parser's time grows with the square of them."""
MOST_NODES = 50_000

_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head", "-comment"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = (
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u var"
    " wbr"
)
_WITHIN_A_LINE = frozenset(_INLINE.split())
_ENDING = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option"
)
_NEVER_NESTED = frozenset(_ENDING.split())
"""Elements that are empty, or end by themselves where the next one begins."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SILENCED = re.compile(r"<!--|<(script|style|template|noscript|svg)\b", re.IGNORECASE)
_CLOSING = {
    tag: re.compile(rf"</{tag}\b[^<>]*>" if tag else "-->", re.IGNORECASE)
    for tag in ("", "script", "style", "template", "noscript", "svg")
}
_WIDEST_SPAN = 100


def blocks(html: str) -> Iterator[Block]:
    """The headings, tables and passages of a page; raises PageError where it is cut off or too deep."""
    spoken = _without_scripts(html)
    _refuse_what_is_cut_off(spoken)
    _refuse_depth(spoken)
    root = LexborHTMLParser(spoken).body
    if root is None:
        return
    line: list[str] = []
    for node, entering in _walk(root, _SILENT | _HEADINGS | {"table"}):
        if node.tag == "-text":
            line.append(node.text_content or "")
        elif node.tag not in _WITHIN_A_LINE:
            yield from _ended(line)
            if entering and node.tag in _HEADINGS:
                yield Heading(int(str(node.tag)[1]), _cell(node).text)
            elif entering and node.tag == "table":
                yield Table(tuple(_grid(node)))
    yield from _ended(line)


def _without_scripts(html: str) -> str:
    """The page without scripts, styles and comments; what is opened and never closed ends the page."""
    kept: list[str] = []
    place = 0
    for found in _SILENCED.finditer(html):
        if found.start() < place:
            continue
        kept.append(html[place : found.start()])
        closed = _CLOSING[(found[1] or "").lower()].search(html, found.end())
        if closed is None:
            return "".join(kept)
        place = closed.end()
    return "".join([*kept, html[place:]])


def _refuse_what_is_cut_off(html: str) -> None:
    opened = Counter(found[1].lower() for found in re.finditer(r"<(/?(?:html|table))\b", html, re.IGNORECASE))
    if any(opened[tag] > opened[f"/{tag}"] for tag in ("html", "table")):
        raise PageError("the page is cut off before its end")


def _refuse_depth(html: str) -> None:
    """Counts what is open, tag by tag, without building anything."""
    opened: Counter[str] = Counter()
    depth = 0
    for found in _TAG.finditer(html):
        tag = found[2].lower()
        if tag in _NEVER_NESTED:
            continue
        if not found[1]:
            opened[tag] += 1
            depth += 1
        elif opened[tag]:
            opened[tag] -= 1
            depth -= 1
        if depth > DEEPEST:
            raise PageError(f"the page nests more than {DEEPEST} elements in each other")


def _walk(root: LexborNode, closed: frozenset[str]) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below the root in the page's order, entering it and leaving it; closed ones are not looked into."""
    ahead = [(child, True) for child in reversed(_children(root))]
    count = 0
    while ahead:
        node, entering = ahead.pop()
        yield node, entering
        if not entering or node.tag == "-text" or node.tag in closed:
            continue
        count += 1
        if count > MOST_NODES:
            raise PageError(f"the page has more than {MOST_NODES} elements")
        ahead.append((node, False))
        ahead += [(child, True) for child in reversed(_children(node))]


def _children(node: LexborNode) -> list[LexborNode]:
    found = []
    child = node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _ended(line: list[str]) -> Iterator[Passage]:
    text = evened("".join(line))
    line.clear()
    if text:
        yield Passage(text)


def _cell(node: LexborNode) -> Cell:
    """What an element says: blanks within a line are the writer's, a block or a break begins a new line."""
    said: list[str] = []
    for inner, _ in _walk(node, _SILENT):
        if inner.tag == "-text":
            said.append(" ".join((inner.text_content or " ").split("\n")))
        elif inner.tag not in _WITHIN_A_LINE and inner.tag not in _SILENT:
            said.append("\n")
    return cell("".join(said))


def _grid(table: LexborNode) -> Iterator[tuple[Cell, ...]]:
    """The rows with every spanning cell repeated where it reaches; a table inside a cell is the cell's own affair."""
    reaching: dict[int, tuple[Cell, int]] = {}
    for node, entering in _walk(table, _SILENT | {"tr", "table"}):
        if node.tag != "tr" or not entering:
            continue
        row: list[Cell] = []
        for child in _children(node):
            if child.tag not in {"td", "th"}:
                continue
            _reach_down(row, reaching)
            content, rows = _cell(child), _span(child, "rowspan")
            for _ in range(_span(child, "colspan")):
                if rows > 1:
                    reaching[len(row)] = (content, rows - 1)
                row.append(content)
        _reach_down(row, reaching)
        yield tuple(row)


def _reach_down(row: list[Cell], reaching: dict[int, tuple[Cell, int]]) -> None:
    """Fills in the cells that reach into the row from above."""
    while len(row) in reaching:
        content, left = reaching.pop(len(row))
        if left > 1:
            reaching[len(row)] = (content, left - 1)
        row.append(content)


def _span(node: LexborNode, name: str) -> int:
    written = (node.attributes.get(name) or "1").strip()
    return min(max(int(written), 1), _WIDEST_SPAN) if written.isascii() and written.isdigit() else 1
