"""One page from the network, by aiohttp: bounded in time and size, each address judged before it is asked.

Imported with the first page, for aiohttp is slow to import and nothing that only answers needs it.
"""

import asyncio
import hashlib
import socket
import zlib

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from yarl import URL

from bot.catalogue.http import body as bodies
from bot.catalogue.http.allowed_hosts import AddressError, AllowedHosts, HostLookup
from bot.catalogue.http.body import Limits
from bot.catalogue.http.results import PAGE_TYPES, FetchedPage, FetchResult, NotModified, Unavailable

_OK = 200
_NOT_MODIFIED = 304
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK_SIZE = 65_536
_MAX_VALIDATOR_LENGTH = 1000


class PageClient(Struct, frozen=True):
    """What may be asked, by whom, and how long."""

    user_agent: str
    allowed_hosts: AllowedHosts
    limits: Limits
    lookup: HostLookup

    async def fetch(
        self, url: str, *, etag: str = "", last_modified: str = "", content_types: tuple[str, ...] = PAGE_TYPES
    ) -> FetchResult:
        """The page at an address of one of the kinds, unless it is the one with the tag or the date given."""
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
                f"nothing came in {self.limits.idle_seconds:g} seconds, or not all in {self.limits.total_seconds:g}"
            )
        except (aiohttp.ClientError, OSError, ValueError, LookupError, zlib.error) as error:
            return Unavailable(_describe_error(error))

    def _open_session(self, headers: dict[str, str], content_types: tuple[str, ...]) -> aiohttp.ClientSession:
        asked = {
            "User-Agent": self.user_agent,
            "Accept": ", ".join(content_types),
            "Accept-Language": "en",
            "Accept-Encoding": "gzip",
        }
        silence = self.limits.idle_seconds
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=GuardedResolver(self.allowed_hosts, self.lookup), use_dns_cache=False, force_close=True
            ),
            headers=asked | headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _follow_redirects(
        self, session: aiohttp.ClientSession, url: URL, content_types: tuple[str, ...], *, conditional: bool
    ) -> FetchResult:
        """The answer at the end of the redirects, each address judged before it is asked."""
        for _ in range(self.limits.max_redirects + 1):
            refusal = self.allowed_hosts.check_url(url)
            if refusal:
                return Unavailable(refusal)
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._parse_response(response, content_types, conditional=conditional)
                url = url.join(URL(response.headers.get("Location", "")))
        return Unavailable(f"it leads on more than {self.limits.max_redirects} times")

    async def _parse_response(
        self, response: aiohttp.ClientResponse, content_types: tuple[str, ...], *, conditional: bool
    ) -> FetchResult:
        if response.status == _NOT_MODIFIED and conditional:
            return NotModified(str(response.url))
        if response.status != _OK:
            return Unavailable(f"the server answered {response.status}")
        if response.content_type not in content_types:
            return Unavailable(f"it is of another kind, “{response.content_type[:100]}”")
        packed = response.headers.get("Content-Encoding", "")
        body = await bodies.read_body(response.content.iter_chunked(_CHUNK_SIZE), packed, self.limits)
        text = body.decode(response.charset or "utf-8")
        return FetchedPage(
            text=text,
            url=str(response.url),
            etag=response.headers.get("ETag", "")[:_MAX_VALIDATOR_LENGTH],
            last_modified=response.headers.get("Last-Modified", "")[:_MAX_VALIDATOR_LENGTH],
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
        )


class GuardedResolver(AbstractResolver):
    """Resolves a name once for each connection and refuses it where any address is not public.

    The connection goes to the addresses given here, so that a second answer can't be another one.
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
        """The addresses of a host; raises AddressError where one is not asked."""
        addresses = await self._lookup(host, port)
        for address in addresses:
            if not self._allowed_hosts.allows_address(address):
                raise AddressError(f"“{host}” has an address that is not public, {address}")
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
        """Holds nothing."""


def _describe_error(error: Exception) -> str:
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
