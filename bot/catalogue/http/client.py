"""HTTP client for single pages, limited in time and size. Every address is checked before it is requested.

Imported on the first fetch only: aiohttp is slow to import, and processes that only answer commands don't need it.
"""

import asyncio
import socket
import zlib

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from yarl import URL

from bot.catalogue.http.allowed_hosts import AddressError, AllowedHosts, HostLookup
from bot.catalogue.http.body import BodyError, Limits, read_body
from bot.catalogue.http.results import PAGE_TYPES, FetchedPage, FetchResult, NotModified, Unavailable

_OK = 200
_NOT_MODIFIED = 304
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK_SIZE = 65_536
_MAX_VALIDATOR_LENGTH = 1000


class PageClient(Struct, frozen=True):
    """Client that fetches pages from allowed hosts."""

    user_agent: str
    allowed_hosts: AllowedHosts
    limits: Limits
    lookup: HostLookup

    async def fetch(
        self, url: str, *, etag: str = "", last_modified: str = "", content_types: tuple[str, ...] = PAGE_TYPES
    ) -> FetchResult:
        """Fetch a page of one of the content types, unless the given validators still match it."""
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        try:
            async with (
                asyncio.timeout(self.limits.total_seconds),
                self._open_session(headers, content_types) as session,
            ):
                return await self._follow_redirects(session, URL(url), content_types, conditional=bool(headers))
        except TimeoutError:
            return Unavailable(
                f"timed out: no data for {self.limits.idle_seconds:g} seconds, "
                f"or incomplete after {self.limits.total_seconds:g}"
            )
        except (aiohttp.ClientError, OSError, ValueError, LookupError, zlib.error) as error:
            return Unavailable(_describe_error(error))

    def _open_session(self, conditions: dict[str, str], content_types: tuple[str, ...]) -> aiohttp.ClientSession:
        headers = {
            "User-Agent": self.user_agent,
            "Accept": ", ".join(content_types),
            "Accept-Language": "en",
            "Accept-Encoding": "gzip",
        }
        idle_seconds = self.limits.idle_seconds
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=GuardedResolver(self.allowed_hosts, self.lookup), use_dns_cache=False, force_close=True
            ),
            headers=headers | conditions,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=idle_seconds, sock_read=idle_seconds),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _follow_redirects(
        self, session: aiohttp.ClientSession, url: URL, content_types: tuple[str, ...], *, conditional: bool
    ) -> FetchResult:
        """Return the result at the end of the redirects. Each address is checked before it is requested."""
        for _ in range(self.limits.max_redirects + 1):
            if refusal := self.allowed_hosts.check_url(url):
                return Unavailable(refusal)
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._parse_response(response, content_types, conditional=conditional)
                url = url.join(URL(response.headers.get("Location", "")))
        return Unavailable(f"more than {self.limits.max_redirects} redirects")

    async def _parse_response(
        self, response: aiohttp.ClientResponse, content_types: tuple[str, ...], *, conditional: bool
    ) -> FetchResult:
        if response.status == _NOT_MODIFIED and conditional:
            return NotModified(str(response.url))
        if response.status != _OK:
            return Unavailable(f"the server answered {response.status}")
        if response.content_type not in content_types:
            return Unavailable(f"unexpected content type “{response.content_type[:100]}”")
        encoding = response.headers.get("Content-Encoding", "")
        body = await read_body(response.content.iter_chunked(_CHUNK_SIZE), encoding, self.limits)
        return FetchedPage(
            text=body.decode(response.charset or "utf-8"),
            url=str(response.url),
            etag=response.headers.get("ETag", "")[:_MAX_VALIDATOR_LENGTH],
            last_modified=response.headers.get("Last-Modified", "")[:_MAX_VALIDATOR_LENGTH],
        )


class GuardedResolver(AbstractResolver):
    """Resolver that looks a host up once per connection and refuses it if any of its addresses isn't public.

    aiohttp connects to the returned addresses, so no later lookup can replace a checked address (DNS rebinding).
    """

    def __init__(self, allowed_hosts: AllowedHosts, lookup: HostLookup) -> None:
        self._allowed_hosts = allowed_hosts
        self._lookup = lookup

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - the signature of aiohttp's resolvers
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raise AddressError if it has none or one of them isn't allowed."""
        addresses = await self._lookup(host, port)
        for address in addresses:
            if not self._allowed_hosts.allows_address(address):
                raise AddressError(f"“{host}” resolves to {address}, which isn’t a public address")
        if not addresses:
            raise AddressError(f"“{host}” has no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Do nothing; required by aiohttp."""


def _describe_error(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error) if isinstance(error.os_error, AddressError) else f"connection failed: {error}"[:300]
    if isinstance(error, BodyError):
        return str(error)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return "the server closed the connection"
    if isinstance(error, UnicodeError | LookupError):
        return "the text doesn’t match its declared encoding"
    if isinstance(error, zlib.error):
        return "the response can’t be decompressed"
    return f"invalid response: {error}"[:300]
