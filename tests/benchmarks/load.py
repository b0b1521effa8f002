"""Load on a server, by wrk where it is installed: each request signed anew, each answer looked at."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

from tests.benchmarks.bench_commands import build_command_body
from tests.benchmarks.measure import median, p99
from tests.processes.fake_slack import SECRET
from tests.signed_requests import sign

MAX_RATE = 16_000
"""Requests per second that nothing here comes near: so many are signed for each second."""

_PATH = "/slack/events"
_LUA = Path(__file__).with_name("load.lua")
_numbers = count()


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came of a run."""

    correct: int
    seconds: float
    median: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.correct / self.seconds


def run(port: int, text: str, words: str, *, connections: int, seconds: float, folder: Path) -> LoadResult:
    """As many requests as the server answers in the time; raises where any answer lacks the words."""
    requests = _sign_requests(text, int(MAX_RATE * seconds) + 100)
    if shutil.which("wrk") and seconds >= 1:  # it knows whole seconds only
        return _run_wrk(port, requests, words, connections, seconds, folder)
    return asyncio.run(_run_clients(port, iter(requests), words, connections, seconds))


def run_exactly(port: int, text: str, words: str, *, connections: int, many: int) -> LoadResult:
    """So many requests, by the client of ours."""
    return asyncio.run(_run_clients(port, iter(_sign_requests(text, many)), words, connections, None))


def _sign_requests(text: str, many: int) -> list[tuple[dict[str, str], bytes]]:
    bodies = [build_command_body(text, next(_numbers)) for _ in range(many)]
    return [(sign(body, SECRET), body) for body in bodies]


def _run_wrk(
    port: int,
    requests: Sequence[tuple[dict[str, str], bytes]],
    words: str,
    connections: int,
    seconds: float,
    folder: Path,
) -> LoadResult:
    path = folder / "requests.txt"
    lines = (
        f"{headers['x-slack-request-timestamp']}\t{headers['x-slack-signature']}\t{body.decode()}\n"
        for headers, body in requests
    )
    path.write_text("".join(lines))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s", str(_LUA)]
    command += [f"http://127.0.0.1:{port}{_PATH}", "--", str(path), words]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sent, right, wrong, failed, took, half, slow, *example = said.rpartition("FOUND ")[2].split(maxsplit=7)
    if int(wrong) or int(failed) or int(sent) > len(requests) or not int(right):
        raise AssertionError(f"{sent} sent, {wrong} answers wrong, {failed} failed: {example}")
    return LoadResult(int(right), float(took), float(half), float(slow))


async def _run_clients(
    port: int,
    requests: Iterator[tuple[dict[str, str], bytes]],
    words: str,
    connections: int,
    seconds: float | None,
) -> LoadResult:
    begun = perf_counter()
    until = begun + seconds if seconds is not None else None
    took = await asyncio.gather(*(_run_client(port, requests, words.encode(), until) for _ in range(connections)))
    calls = [each for one in took for each in one]
    return LoadResult(len(calls), perf_counter() - begun, median(calls), p99(calls))


async def _run_client(
    port: int, requests: Iterator[tuple[dict[str, str], bytes]], words: bytes, until: float | None
) -> list[float]:
    """A request as soon as the last one is answered, on one connection where the server keeps it."""
    took = []
    async with AsyncExitStack() as ends:
        reader, writer = await _connect(port, ends)
        for headers, body in requests:
            begun = perf_counter()
            if until is not None and begun > until:
                break
            writer.write(_encode_request(headers, body))
            head, answer = await _read_response(reader)
            took.append(perf_counter() - begun)
            if b" 200 " not in head or words not in answer:
                raise AssertionError(f"a wrong answer: {head!r} {answer[:200]!r}")
            if head.startswith(b"http/1.0"):  # which ends the connection
                reader, writer = await _connect(port, ends)
    return took


async def _connect(port: int, ends: AsyncExitStack) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    await ends.aclose()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def close() -> None:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    ends.push_async_callback(close)
    return reader, writer


def _encode_request(headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {_PATH} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _read_response(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(length))
    return head, body
