"""Size-limited reading of response bodies."""

import zlib
from collections.abc import AsyncIterator

from msgspec import Struct


class BodyError(ValueError):
    """A response body was rejected. The message says why."""


class Limits(Struct, frozen=True):
    """Time and size limits of a fetch."""

    total_seconds: float = 30
    """For the whole fetch, including redirects."""
    idle_seconds: float = 10
    """For the connection, and between two chunks of the response."""
    max_bytes: int = 3_000_000
    """Of the body as sent."""
    max_unpacked_bytes: int = 8_000_000
    max_redirects: int = 5


async def read_body(chunks: AsyncIterator[bytes], encoding: str, limits: Limits) -> bytes:
    """Read and decompress a whole body.

    Raise BodyError if it is too large, truncated, or compressed by anything but gzip.
    """
    if encoding.lower() not in {"", "identity", "gzip"}:
        raise BodyError(f"unsupported content encoding “{encoding[:40]}”")
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding.lower() == "gzip" else None
    received, body = 0, bytearray()
    async for chunk in chunks:
        received += len(chunk)
        if received > limits.max_bytes:
            raise BodyError(f"the response is larger than {limits.max_bytes:,} bytes")
        if decompressor:
            body += decompressor.decompress(chunk, limits.max_unpacked_bytes + 1 - len(body))
        else:
            body += chunk
        if len(body) > limits.max_unpacked_bytes:
            raise BodyError(f"the response decompresses to more than {limits.max_unpacked_bytes:,} bytes")
    if decompressor and not decompressor.eof:
        raise BodyError("the response is truncated")
    return bytes(body)
