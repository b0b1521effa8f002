"""`python -m tests.benchmarks.sink_server PORT CERTIFICATE KEY`: accept messages over TLS as fast as possible.

A message without blocks, or with a known delivery ID, is rejected.
"""

import asyncio
import json
import ssl
import sys
from itertools import count

_numbers = count()
_seen: set[str] = set()


class SinkProtocol(asyncio.Protocol):
    """A persistent connection."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._respond(head, rest[:length])

    def _respond(self, head: bytes, body: bytes) -> None:
        content = json.dumps(_build_answer(head, body)).encode()
        if self._transport is not None:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(content), content)
            )


def _build_answer(head: bytes, body: bytes) -> dict[str, object]:
    message = json.loads(body)
    key = message["metadata"]["event_payload"]["delivery_id"]
    if not head.startswith(b"POST /api/chat.postMessage ") or not message["blocks"] or key in _seen:
        return {"ok": False, "error": "internal_error"}
    _seen.add(key)
    return {"ok": True, "channel": message["channel"], "ts": f"{next(_numbers)}.000100"}


async def main(port: int, certificate: str, key: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.get_running_loop().create_server(SinkProtocol, "127.0.0.1", port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:4]))
