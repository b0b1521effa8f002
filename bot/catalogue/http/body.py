"""The body of an answer, read within limits whatever the server sends."""

import zlib
from collections.abc import AsyncIterator

from msgspec import Struct


class BodyError(ValueError):
    """A body that is not taken; the text says why."""


class Limits(Struct, frozen=True):
    """How long and how much is waited for; seconds and bytes."""

    total: float = 30
    """For everything, with all redirects."""
    silence: float = 10
    """For a connection, and between two pieces of an answer."""
    sent: int = 3_000_000
    """As it comes over the wire."""
    unpacked: int = 8_000_000
    redirects: int = 5


async def read(pieces: AsyncIterator[bytes], encoding: str, limits: Limits) -> bytes:
    """The whole body, unpacked; raises BodyError where it is too large, cut off or packed otherwise than by gzip."""
    if encoding.lower() not in {"", "identity", "gzip"}:
        raise BodyError(f"it is packed in a way that was not asked for, “{encoding[:40]}”")
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding.lower() == "gzip" else None
    sent, body = 0, bytearray()
    async for piece in pieces:
        sent += len(piece)
        if sent > limits.sent:
            raise BodyError(f"it is larger than {limits.sent:,} bytes")
        body += unpacking.decompress(piece, limits.unpacked + 1 - len(body)) if unpacking else piece
        if len(body) > limits.unpacked:
            raise BodyError(f"it unpacks to more than {limits.unpacked:,} bytes")
    if unpacking and not unpacking.eof:
        raise BodyError("it is cut off")
    return bytes(body)
