"""Release notes, read from their Atom feed: one entry a day, with items under headings that say what kind they are.

An entry may change later: an item is known by its day, kind and running number, and its text by a hash.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from msgspec import Struct

from bot.catalogue.page import html
from bot.catalogue.page.blocks import Heading, PageError, Table
from bot.catalogue.page.date_cells import DateFormat, parse_date

MAX_LENGTH = 5_000_000
"""Characters of a feed."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_PRODUCT_LEVEL, _KIND_LEVEL = 2, 3
_MILESTONE = re.compile(r"M\d{1,3}(?:\.\d{1,2})?(?= (?:release|update))", re.IGNORECASE)


class FeedError(ValueError):
    """What was read is no feed of release notes; the text says why."""


class FeedItem(Struct, frozen=True):
    """An item of the release notes."""

    day: date
    kind: str
    """`Feature`, `Breaking`, `Deprecated`, `Fixed`, `Change`, `Issue` or another word of the feed."""
    number: int
    """Among the items of its kind and product that day, from 1."""
    text: str
    """Line by line, without markup."""
    url: str
    product: str = ""
    """As a feed of several products heads the item; empty in a product's own feed."""
    milestone: str = ""
    """`M129`, where the first line names one."""

    @property
    def identity(self) -> tuple[date, str, str, int]:
        """What tells it from other items, whatever becomes of its text."""
        return (self.day, self.product, self.kind, self.number)

    @property
    def text_hash(self) -> str:
        """Another one whenever the text was edited."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Feed(Struct, frozen=True):
    """The notes of a feed in its order, and what of it could not be read."""

    items: tuple[FeedItem, ...]
    problems: tuple[str, ...] = ()


def parse_feed(text: str) -> Feed:
    """The notes of an Atom feed; raises FeedError with the reason where it is none."""
    notes: list[FeedItem] = []
    unread: list[str] = []
    entries = _parse_root(text).findall(f"{_ATOM}entry")
    for entry in entries:
        title = " ".join((entry.findtext(f"{_ATOM}title") or "").split())
        day = parse_date(title, frozenset({DateFormat.AMERICAN})).day
        if day is None:
            unread.append(f"an entry is headed “{title[:80]}”, which is no day")
            continue
        try:
            notes += _parse_items(entry, day)
        except PageError as error:
            unread.append(f"the entry of {title}: {error}")
    if not entries:
        raise FeedError("the feed has no entries")
    return Feed(tuple(notes), tuple(unread))


def _parse_root(text: str) -> Element:
    if len(text) > MAX_LENGTH:
        raise FeedError(f"the feed has {len(text):,} characters, more than the {MAX_LENGTH:,} that are read")
    try:
        root: Element = ElementTree.fromstring(text.lstrip("\ufeff \r\n\t"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FeedError(f"the feed is no sound XML: {str(error)[:200]}") from error
    if root.tag != f"{_ATOM}feed":
        raise FeedError(f"the document is “{root.tag[:80]}”, not an Atom feed")
    return root


def _parse_items(entry: Element, day: date) -> Iterator[FeedItem]:
    """The entry's content, parted at its headings."""
    url = _find_link(entry)
    numbers: Counter[tuple[str, str]] = Counter()
    product, kind = "", ""
    lines: list[str] = []
    content = entry.find(f"{_ATOM}content")
    for block in (*html.parse_blocks(_extract_html(content)), Heading(1, "")):
        if not isinstance(block, Heading) or block.level > _KIND_LEVEL:
            lines += [" | ".join(cell.text for cell in row) for row in block.rows] if isinstance(block, Table) else []
            lines += [] if isinstance(block, Table) else [block.text]
            continue
        if lines:
            numbers[product, kind] += 1
            yield _build_item(day, kind, numbers[product, kind], lines, url, product)
        lines = []
        if block.level == _PRODUCT_LEVEL:
            product, kind = block.text, ""
        elif block.level == _KIND_LEVEL:
            kind = block.text


def _build_item(day: date, kind: str, number: int, lines: list[str], url: str, product: str) -> FeedItem:
    milestone = _MILESTONE.match(lines[0])
    return FeedItem(day, kind, number, "\n".join(lines), url, product, milestone[0].upper() if milestone else "")


def _find_link(entry: Element) -> str:
    links = [link for link in entry.findall(f"{_ATOM}link") if link.get("rel", "alternate") == "alternate"]
    href = (links[0].get("href") or "") if links else ""
    return href if href.startswith("https://") else ""


def _extract_html(content: Element | None) -> str:
    """The HTML of the content, which feeds carry as text or, in XHTML, as elements."""
    if content is None:
        return ""
    if content.get("type") != "xhtml":
        return content.text or ""
    written: bytes = ElementTree.tostring(content, encoding="utf-8")
    return re.sub(r"(</?)[A-Za-z0-9]+:", r"\1", written.decode())
