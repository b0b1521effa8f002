"""Load on a server, by wrk if it is installed. Each request is signed, and each answer is checked."""

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
from tests.benchmarks.measurement import median, p99
from tests.processes.fake_slack import SECRET
from tests.signed_requests import sign

MAX_RATE = 16_000
"""Requests per second that no server reaches. This many are signed for each second of a run."""

_PATH = "/slack/events"
_SCRIPT = Path(__file__).with_name("load_generator.lua")
_numbers = count()


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Result of a run: correct answers, and the seconds of a request."""

    correct: int
    seconds: float
    median: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.correct / self.seconds


def run(port: int, text: str, words: str, *, connections: int, seconds: float, folder: Path) -> LoadResult:
    """Send requests for a time. Raise AssertionError if an answer is wrong or lacks the words."""
    requests = _sign_requests(text, int(MAX_RATE * seconds) + 100)
    if shutil.which("wrk") and seconds >= 1:  # wrk takes whole seconds only
        return _run_wrk(port, requests, words, connections, seconds, folder)
    return asyncio.run(_run_clients(port, iter(requests), words, connections, seconds))


def run_exactly(port: int, text: str, words: str, *, connections: int, total: int) -> LoadResult:
    """Send a number of requests with the asyncio client."""
    return asyncio.run(_run_clients(port, iter(_sign_requests(text, total)), words, connections, None))


def _sign_requests(text: str, count: int) -> list[tuple[dict[str, str], bytes]]:
    bodies = [build_command_body(text, next(_numbers)) for _ in range(count)]
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
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s", str(_SCRIPT)]
    command += [f"http://127.0.0.1:{port}{_PATH}", "--", str(path), words]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sent, correct, wrong, failed, duration, half, slow, *example = output.rpartition("RESULT ")[2].split(maxsplit=7)
    if int(wrong) or int(failed) or int(sent) > len(requests) or not int(correct):
        raise AssertionError(f"{sent} sent, {wrong} wrong answers, {failed} failed: {example}")
    return LoadResult(int(correct), float(duration), float(half), float(slow))


async def _run_clients(
    port: int,
    requests: Iterator[tuple[dict[str, str], bytes]],
    words: str,
    connections: int,
    seconds: float | None,
) -> LoadResult:
    started_at = perf_counter()
    deadline = started_at + seconds if seconds is not None else None
    clients = (_run_client(port, requests, words.encode(), deadline) for _ in range(connections))
    calls = [call for calls_of_client in await asyncio.gather(*clients) for call in calls_of_client]
    return LoadResult(len(calls), perf_counter() - started_at, median(calls), p99(calls))


async def _run_client(
    port: int, requests: Iterator[tuple[dict[str, str], bytes]], words: bytes, deadline: float | None
) -> list[float]:
    """Send sequential requests, on one connection if the server keeps it open. Return the seconds of each."""
    calls = []
    async with AsyncExitStack() as connections:
        reader, writer = await _connect(port, connections)
        for headers, request_body in requests:
            started_at = perf_counter()
            if deadline is not None and started_at > deadline:
                break
            writer.write(_encode_request(headers, request_body))
            head, body = await _read_response(reader)
            calls.append(perf_counter() - started_at)
            if b" 200 " not in head or words not in body:
                raise AssertionError(f"wrong answer: {head!r} {body[:200]!r}")
            if head.startswith(b"http/1.0"):  # HTTP/1.0 closes the connection
                reader, writer = await _connect(port, connections)
    return calls


async def _connect(port: int, connections: AsyncExitStack) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    await connections.aclose()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def close() -> None:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    connections.push_async_callback(close)
    return reader, writer


def _encode_request(headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {_PATH} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _read_response(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return the head in lower case, and the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(length))
    return head, body
