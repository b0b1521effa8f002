"""The body of an answer, read within limits whatever the server sends."""

import zlib
from collections.abc import AsyncIterator

from msgspec import Struct


class BodyError(ValueError):
    """A body that is not taken; the text says why."""


class Limits(Struct, frozen=True):
    """How long and how much is waited for; seconds and bytes."""

    total_seconds: float = 30
    """For everything, with all redirects."""
    idle_seconds: float = 10
    """For a connection, and between two pieces of an answer."""
    max_bytes: int = 3_000_000
    """As it comes over the wire."""
    max_unpacked_bytes: int = 8_000_000
    max_redirects: int = 5


async def read_body(chunks: AsyncIterator[bytes], encoding: str, limits: Limits) -> bytes:
    """The whole body, unpacked; raises BodyError where it is too large, cut off or packed otherwise than by gzip."""
    if encoding.lower() not in {"", "identity", "gzip"}:
        raise BodyError(f"it is packed in a way that was not asked for, “{encoding[:40]}”")
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding.lower() == "gzip" else None
    sent, body = 0, bytearray()
    async for piece in chunks:
        sent += len(piece)
        if sent > limits.max_bytes:
            raise BodyError(f"it is larger than {limits.max_bytes:,} bytes")
        body += unpacking.decompress(piece, limits.max_unpacked_bytes + 1 - len(body)) if unpacking else piece
        if len(body) > limits.max_unpacked_bytes:
            raise BodyError(f"it unpacks to more than {limits.max_unpacked_bytes:,} bytes")
    if unpacking and not unpacking.eof:
        raise BodyError("it is cut off")
    return bytes(body)
