"""A server on this machine that answers byte by byte what a test wants, and counts who asks."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Responder = Callable[[asyncio.StreamWriter], Awaitable[None]]

HOST = "docs.example.test"


@dataclass
class FakeUpstream:
    """What is answered under each path, what was asked, and which names were looked up."""

    port: int = 0
    responders: dict[str, Responder] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    addresses: dict[str, list[str]] = field(default_factory=lambda: {HOST: ["127.0.0.1"]})

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def add_response(self, path: str, body: bytes = b"", *, status: str = "200 OK", **headers: str) -> str:
        """Answers a path whole; gives its address."""
        written = {"content-type": "text/html; charset=utf-8", "content-length": str(len(body))}
        written |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in written.items())

        async def whole(writer: asyncio.StreamWriter) -> None:
            writer.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

        self.responders[path] = whole
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
            answer = self.responders.get(request.split(" ")[1])
            if answer is not None:
                await answer(writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()


@contextmanager
def run_upstream() -> Iterator[FakeUpstream]:
    """A server in a thread of its own."""
    upstream, started = FakeUpstream(), threading.Event()
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(upstream.handle, "127.0.0.1", 0)
        upstream.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await stopping.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait(10)
    yield upstream
    loop.call_soon_threadsafe(stopping.set)
    thread.join(10)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
