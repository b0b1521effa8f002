"""A local HTTP server with responses set by the test, byte by byte. It records requests and lookups."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Responder = Callable[[asyncio.StreamWriter], Awaitable[None]]

HOST = "docs.example.test"


@dataclass
class FakeUpstream:
    """Responses by path, and the requests and lookups received so far."""

    port: int = 0
    responders: dict[str, Responder] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    addresses: dict[str, list[str]] = field(default_factory=lambda: {HOST: ["127.0.0.1"]})

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def add_response(self, path: str, body: bytes = b"", *, status: str = "200 OK", **headers: str) -> str:
        """Add a complete response for a path and return its URL."""
        lines = {"content-type": "text/html; charset=utf-8", "content-length": str(len(body))}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())

        async def respond(writer: asyncio.StreamWriter) -> None:
            writer.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

        self.responders[path] = respond
        return self.url(path)

    def add_redirect(self, path: str, target: str) -> str:
        return self.add_response(path, status="302 Found", location=target)

    async def lookup(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        if host not in self.addresses:
            raise OSError(f"no such host, {host}")
        return self.addresses[host]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._respond(reader, writer)
        finally:
            writer.transport.abort()

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(request)
            responder = self.responders.get(request.split(" ")[1])
            if responder is not None:
                await responder(writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()


@contextmanager
def run_upstream() -> Iterator[FakeUpstream]:
    """Run the server in a thread until the context ends."""
    upstream, started = FakeUpstream(), threading.Event()
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(upstream.handle, "127.0.0.1", 0)
        upstream.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await stopping.wait()
        open_connections = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open_connections:
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait(10)
    yield upstream
    loop.call_soon_threadsafe(stopping.set)
    thread.join(10)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
