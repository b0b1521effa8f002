"""What comes of fetching a page."""

from msgspec import Struct

PAGE_TYPES = ("text/html", "text/plain", "text/markdown", "application/xhtml+xml")
FEED_TYPES = ("application/atom+xml", "application/xml", "text/xml")


class FetchedPage(Struct, frozen=True):
    """A page, with what to send along next time."""

    text: str
    url: str
    """Where it was in the end."""
    etag: str
    last_modified: str
    content_hash: str
    """SHA-256 of the text."""


class NotModified(Struct, frozen=True):
    """The page is the one that was fetched before."""

    url: str


class Unavailable(Struct, frozen=True):
    """No page, and why, in words that go on from "the page could not be read:"."""

    reason: str


FetchResult = FetchedPage | NotModified | Unavailable
