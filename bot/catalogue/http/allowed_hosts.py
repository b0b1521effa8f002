"""Which addresses may be asked: hosts of one organisation over HTTPS, at public addresses alone."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from yarl import URL


GOOGLE_CLOUD = ("cloud.google.com",)
"""With every host below them, such as docs.cloud.google.com."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks that only speak IPv6 write them."""

HostLookup = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host's name."""


class AddressError(OSError):
    """A name led to an address that is not asked."""


class AllowedHosts(Struct, frozen=True):
    """The hosts that may be asked, and whether this machine itself may be, as tests do."""

    hosts: tuple[str, ...] = GOOGLE_CLOUD
    allow_loopback: bool = False
    """Also allows plain HTTP and any port."""

    def check_url(self, url: "URL") -> str:
        """Why an address is not asked; empty where it may be."""
        host = (url.raw_host or "").rstrip(".").lower()
        if url.scheme != "https" and not (self.allow_loopback and url.scheme == "http"):
            return f"it leads to “{str(url)[:200]}”, which is not HTTPS"
        if not any(host == known or host.endswith(f".{known}") for known in self.hosts):
            return f"it leads to another host, “{host[:200]}”"
        if url.raw_user is not None or url.raw_password is not None:
            return "its address carries a name or a password"
        if not url.is_default_port() and not self.allow_loopback:
            return f"it leads to port {url.port}"
        return "" if _is_hostname(host) or self.allows_address(host) else f"its address is not public, {host}"

    def allows_address(self, address: str) -> bool:
        """Whether an address is public: not of this machine, its network, or another special use."""
        parsed = ip_address(address.partition("%")[0])
        found = _unwrap_ipv4(parsed) if isinstance(parsed, IPv6Address) else parsed
        if self.allow_loopback and found.is_loopback:
            return True
        if isinstance(found, IPv6Address) and found not in _GLOBAL_UNICAST:
            return False
        return found.is_global and not (found.is_multicast or found.is_reserved or found.is_private)


def _is_hostname(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _unwrap_ipv4(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


async def look_up_host(host: str, port: int) -> list[str]:
    """The addresses that this machine knows a name by."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
