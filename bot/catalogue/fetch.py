"""Pages fetched from the network: conditional requests, bounded in time and size, within one organisation's hosts.

What the network does is never an exception: an answer is fetched, not modified, or unavailable with a reason.
"""

import asyncio
import hashlib
import threading
import zlib
from collections.abc import Coroutine
from dataclasses import dataclass

import aiohttp
from yarl import URL

from bot.catalogue import bodies
from bot.catalogue.bodies import Limits
from bot.catalogue.reach import AddressError, Lookup, Reach, Resolver, system_lookup

PAGES = ("text/html", "text/plain", "text/markdown", "application/xhtml+xml")
FEEDS = ("application/atom+xml", "application/xml", "text/xml")

_OK = 200
_NOT_MODIFIED = 304
_REDIRECTS = {301, 302, 303, 307, 308}
_PIECE = 65_536
_LONGEST_VALIDATOR = 1000


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


class Fetcher:
    """Fetches pages, each in a session of its own: a few a day."""

    def __init__(
        self,
        version: str,
        *,
        reach: Reach | None = None,
        limits: Limits | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._agent = f"dlvm/{version} (reads the table of Deep Learning VM framework versions a few times a day)"
        self._reach = reach or Reach()
        self._limits = limits or Limits()
        self._lookup = lookup
        self._guard = threading.Lock()
        self._under_way: set[asyncio.Task[Outcome]] = set()
        self._stopped = False

    def stop(self) -> None:
        """Breaks off what is under way and begins nothing more; may be called from any thread."""
        with self._guard:
            self._stopped = True
            for task in self._under_way:
                task.get_loop().call_soon_threadsafe(task.cancel)

    def get(self, url: str, *, etag: str = "", last_modified: str = "", kinds: tuple[str, ...] = PAGES) -> Outcome:
        """Fetches from a thread that runs no event loop."""
        return asyncio.run(self._unless_stopped(self.fetch(url, etag=etag, last_modified=last_modified, kinds=kinds)))

    async def _unless_stopped(self, fetching: Coroutine[None, None, Outcome]) -> Outcome:
        task = asyncio.create_task(fetching)
        with self._guard:
            self._under_way.add(task)
            if self._stopped:
                task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return Unavailable("dlvm was asked to end")
        finally:
            with self._guard:
                self._under_way.discard(task)

    async def fetch(
        self, url: str, *, etag: str = "", last_modified: str = "", kinds: tuple[str, ...] = PAGES
    ) -> Outcome:
        """The page at an address of one of the kinds, unless it is the one with the tag or the date given."""
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        try:
            async with asyncio.timeout(self._limits.total), self._session(headers, kinds) as session:
                return await self._followed(session, URL(url), kinds, conditional=bool(headers))
        except TimeoutError:
            return Unavailable(
                f"nothing came in {self._limits.silence:g} seconds, or not all in {self._limits.total:g}"
            )
        except (aiohttp.ClientError, OSError, ValueError, LookupError, zlib.error) as error:
            return Unavailable(_why(error))

    def _session(self, headers: dict[str, str], kinds: tuple[str, ...]) -> aiohttp.ClientSession:
        asked = {
            "User-Agent": self._agent,
            "Accept": ", ".join(kinds),
            "Accept-Language": "en",
            "Accept-Encoding": "gzip",
        }
        silence = self._limits.silence
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=Resolver(self._reach, self._lookup), use_dns_cache=False, force_close=True
            ),
            headers=asked | headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _followed(
        self, session: aiohttp.ClientSession, url: URL, kinds: tuple[str, ...], *, conditional: bool
    ) -> Outcome:
        """The answer at the end of the redirects, each address judged before it is asked."""
        for _ in range(self._limits.redirects + 1):
            refusal = self._reach.refusal(url)
            if refusal:
                return Unavailable(refusal)
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._taken(response, kinds, conditional=conditional)
                url = url.join(URL(response.headers.get("Location", "")))
        return Unavailable(f"it leads on more than {self._limits.redirects} times")

    async def _taken(self, response: aiohttp.ClientResponse, kinds: tuple[str, ...], *, conditional: bool) -> Outcome:
        if response.status == _NOT_MODIFIED and conditional:
            return NotModified(str(response.url))
        if response.status != _OK:
            return Unavailable(f"the server answered {response.status}")
        if response.content_type not in kinds:
            return Unavailable(f"it is of another kind, “{response.content_type[:100]}”")
        packed = response.headers.get("Content-Encoding", "")
        body = await bodies.read(response.content.iter_chunked(_PIECE), packed, self._limits)
        text = body.decode(response.charset or "utf-8")
        return Fetched(
            text=text,
            url=str(response.url),
            etag=response.headers.get("ETag", "")[:_LONGEST_VALIDATOR],
            last_modified=response.headers.get("Last-Modified", "")[:_LONGEST_VALIDATOR],
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
        )


def _why(error: Exception) -> str:
    """What went wrong, in words."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error) if isinstance(error.os_error, AddressError) else f"no connection: {error}"[:300]
    if isinstance(error, bodies.BodyError):
        return str(error)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return "the server hung up"
    if isinstance(error, UnicodeError | LookupError):
        return "it is not text in the encoding it says"
    if isinstance(error, zlib.error):
        return "it can't be unpacked"
    return f"the answer makes no sense: {error}"[:300]
