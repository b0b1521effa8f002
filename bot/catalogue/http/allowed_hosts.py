"""Addresses that can be fetched: allowed hosts over HTTPS, at public IP addresses only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from yarl import URL


GOOGLE_CLOUD = ("cloud.google.com",)
"""Includes all subdomains, such as docs.cloud.google.com."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as IPv6-only networks write them."""

HostLookup = Callable[[str, int], Awaitable[list[str]]]
"""A function that returns the IP addresses of a host and port."""


class AddressError(OSError):
    """A host name resolved to an address that isn't allowed."""


class AllowedHosts(Struct, frozen=True):
    """Hosts that can be fetched."""

    hosts: tuple[str, ...] = GOOGLE_CLOUD
    allow_loopback: bool = False
    """Also allow this machine, plain HTTP and any port; for tests."""

    def check_url(self, url: "URL") -> str:
        """Return why a URL isn't allowed, or an empty string if it is."""
        host = (url.raw_host or "").rstrip(".").lower()
        if url.scheme != "https" and not (self.allow_loopback and url.scheme == "http"):
            return f"“{str(url)[:200]}” isn’t an HTTPS address"
        if not any(host == allowed or host.endswith(f".{allowed}") for allowed in self.hosts):
            return f"host “{host[:200]}” isn’t allowed"
        if url.raw_user is not None or url.raw_password is not None:
            return "the address contains a user name or password"
        if not url.is_default_port() and not self.allow_loopback:
            return f"port {url.port} isn’t allowed"
        return "" if _is_hostname(host) or self.allows_address(host) else f"{host} isn’t a public address"

    def allows_address(self, address: str) -> bool:
        """Return True if an IP address is public: not of this machine, its network, or reserved."""
        parsed = ip_address(address.partition("%")[0])
        effective = _unwrap_ipv4(parsed) if isinstance(parsed, IPv6Address) else parsed
        if self.allow_loopback and effective.is_loopback:
            return True
        if isinstance(effective, IPv6Address) and effective not in _GLOBAL_UNICAST:
            return False
        return effective.is_global and not (effective.is_multicast or effective.is_reserved or effective.is_private)


def _is_hostname(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _unwrap_ipv4(address: IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address embedded in an IPv6 address, or the address itself if there is none."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


async def look_up_host(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host by this machine's resolver."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in infos]
