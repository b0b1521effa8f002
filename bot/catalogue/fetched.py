"""What comes of fetching a page."""

from dataclasses import dataclass

PAGES = ("text/html", "text/plain", "text/markdown", "application/xhtml+xml")
FEEDS = ("application/atom+xml", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, with what to send along next time."""

    text: str
    url: str
    """Where it was in the end."""
    etag: str
    last_modified: str
    content_hash: str
    """SHA-256 of the text."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The page is the one that was fetched before."""

    url: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No page, and why, in words that go on from "the page could not be read:"."""

    reason: str


Outcome = Fetched | NotModified | Unavailable
