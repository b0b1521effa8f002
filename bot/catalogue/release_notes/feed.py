"""Parser of the release notes feed (Atom): one entry per day, with items under a heading for each kind.

Google can edit an entry later. An item is identified by its day, kind and number, and its text by a hash.
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
from bot.catalogue.page.blocks import PageError, SectionTitle, Table
from bot.catalogue.page.date_cells import DateFormat, parse_date

MAX_LENGTH = 5_000_000
"""Characters of a feed."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_PRODUCT_LEVEL, _KIND_LEVEL = 2, 3
_MILESTONE = re.compile(r"M\d{1,3}(?:\.\d{1,2})?(?= (?:release|update))", re.IGNORECASE)


class FeedError(ValueError):
    """A text that is not a release notes feed. The message says why."""


class FeedItem(Struct, frozen=True):
    """An item of the feed."""

    day: date
    kind: str
    """`Feature`, `Breaking`, `Deprecated`, `Fixed`, `Change`, `Issue` or another heading."""
    number: int
    """Position among the day's items of its kind and product, from 1."""
    text: str
    """Plain text, line by line."""
    url: str
    product: str = ""
    """Heading of the product in a feed of several products, otherwise empty."""
    milestone: str = ""
    """`M129` if the first line names one, otherwise empty."""

    @property
    def text_hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Feed(Struct, frozen=True):
    """Items of a feed in its order, and a problem for each unreadable entry."""

    items: tuple[FeedItem, ...]
    problems: tuple[str, ...] = ()


def parse_feed(text: str) -> Feed:
    """Parse an Atom feed. Raise FeedError if the text is not one."""
    items: list[FeedItem] = []
    problems: list[str] = []
    entries = _parse_root(text).findall(f"{_ATOM}entry")
    for entry in entries:
        title = " ".join((entry.findtext(f"{_ATOM}title") or "").split())
        day = parse_date(title, frozenset({DateFormat.AMERICAN})).day
        if day is None:
            problems.append(f"an entry is titled “{title[:80]}”, which is not a date")
            continue
        try:
            items += _parse_items(entry, day)
        except PageError as error:
            problems.append(f"the entry of {title}: {error}")
    if not entries:
        raise FeedError("the feed has no entries")
    return Feed(tuple(items), tuple(problems))


def _parse_root(text: str) -> Element:
    if len(text) > MAX_LENGTH:
        raise FeedError(f"the feed has {len(text):,} characters; the limit is {MAX_LENGTH:,}")
    try:
        root: Element = ElementTree.fromstring(text.lstrip("\ufeff \r\n\t"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FeedError(f"the feed is not valid XML: {str(error)[:200]}") from error
    if root.tag != f"{_ATOM}feed":
        raise FeedError(f"the document is “{root.tag[:80]}”, not an Atom feed")
    return root


def _parse_items(entry: Element, day: date) -> Iterator[FeedItem]:
    """Yield the items of the entry's content, which its headings divide."""
    url = _find_link(entry)
    numbers: Counter[tuple[str, str]] = Counter()
    product, kind = "", ""
    lines: list[str] = []
    content = entry.find(f"{_ATOM}content")
    for block in (
        *html.parse_blocks(_extract_html(content)),
        SectionTitle(1, ""),
    ):  # the last heading ends the last item
        if isinstance(block, Table):
            lines += block.lines
            continue
        if not isinstance(block, SectionTitle) or block.level > _KIND_LEVEL:
            lines.append(block.text)
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
    """Return the HTML of the content, which is text or, as XHTML, elements."""
    if content is None:
        return ""
    if content.get("type") != "xhtml":
        return content.text or ""
    markup: bytes = ElementTree.tostring(content, encoding="utf-8")
    return re.sub(r"(</?)[A-Za-z0-9]+:", r"\1", markup.decode())
