"""Results of fetching a page."""

from msgspec import Struct

PAGE_TYPES = ("text/html", "text/plain", "text/markdown", "application/xhtml+xml")
FEED_TYPES = ("application/atom+xml", "application/xml", "text/xml")


class FetchedPage(Struct, frozen=True):
    """A page, with the validators to send with the next request."""

    text: str
    url: str
    """The address after all redirects."""
    etag: str
    last_modified: str


class NotModified(Struct, frozen=True):
    """The page hasn't changed since the last fetch."""

    url: str


class Unavailable(Struct, frozen=True):
    """The page couldn't be fetched."""

    reason: str
    """Continues a sentence such as "Couldn't read the page: …"."""


FetchResult = FetchedPage | NotModified | Unavailable
