"""Posting to a fake Slack over TLS: the bot's sender beside one shared aiohttp session."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

import aiohttp
from aiohttp import connector
from msgspec.structs import replace

from bot.answers import ReminderMessage
from bot.policy.post_outcomes import Accepted, PostOutcome
from bot.slack.blocks.reminders import message as messages
from bot.slack.client.sender import EVENT_TYPE, SlackSender
from tests.benchmarks import servers
from tests.benchmarks.factories import build_typical_message
from tests.benchmarks.measurement import measure_alternately
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig
from tests.processes.fake_slack import Process, free_port

IN_FLIGHT = 40
TOKEN = "xoxb-good"

_Counts = Iterator[int]


def measure_posting(rig: Rig) -> list[Row]:
    """Measure messages to different channels, with several in flight."""
    message = build_typical_message(rig)
    title = f"posting {rig.size.posts:,} messages over TLS, {IN_FLIGHT} in flight"
    with _run_sink_server(rig) as url:
        sender = SlackSender(lambda _: TOKEN, url)
        numbers = count()
        _send(sender, message, rig.size.warmup_calls, numbers)
        sides = measure_alternately(
            rig.track_rounds(title),
            lambda: (_send(sender, message, rig.size.posts, numbers),),
            lambda: (asyncio.run(_post_over_shared_session(url, message, rig.size.posts, numbers)),),
        )
        sender.close()
    sample = f"{rig.size.rounds} × {rig.size.posts:,} messages"
    floor_title = "one shared aiohttp session, encoded bodies"
    return [
        compare("posting", title, floor_title, sides, Target(0.6, at_least=True), unit=Unit.PER_SECOND, sample=sample)
    ]


def _send(sender: SlackSender, message: ReminderMessage, total: int, numbers: _Counts) -> float:
    """Return messages per second of the bot's sender. As in delivery, a new one starts when one completes."""
    own_numbers = (next(numbers) for _ in range(total))
    queue = [replace(message, channel_id=f"C{number}", delivery_id=f"D{number}") for number in own_numbers]
    completed: SimpleQueue[Future[PostOutcome]] = SimpleQueue()
    outcomes: list[PostOutcome] = []
    started_at = perf_counter()
    for queued in queue[:IN_FLIGHT]:
        sender.send(queued).add_done_callback(completed.put)
    remaining = iter(queue[IN_FLIGHT:])
    while len(outcomes) < total:
        futures = [completed.get(), *(completed.get_nowait() for _ in range(completed.qsize()))]
        for queued in islice(remaining, len(futures)):
            sender.send(queued).add_done_callback(completed.put)
        outcomes += [future.result() for future in futures]
    seconds = perf_counter() - started_at
    _check(outcomes)
    return total / seconds


def _check(outcomes: list[PostOutcome]) -> None:
    wrong = [outcome for outcome in outcomes if not isinstance(outcome, Accepted)]
    if wrong or len({outcome.message_ts for outcome in outcomes if isinstance(outcome, Accepted)}) != len(outcomes):
        raise AssertionError(f"not every message was accepted once: {wrong[:3]}")


async def _post_over_shared_session(url: str, message: ReminderMessage, total: int, numbers: _Counts) -> float:
    """Return messages per second of aiohttp, with encoded bodies and open connections."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json;charset=utf-8"}
    async with aiohttp.ClientSession(headers=headers) as session:
        await _post(session, url, _build_bodies(message, IN_FLIGHT, numbers))
        bodies = _build_bodies(message, total, numbers)
        started_at = perf_counter()
        timestamps = set(await _post(session, url, bodies))
        seconds = perf_counter() - started_at
    if len(timestamps) != total:
        raise AssertionError(f"{len(timestamps)} of {total} were accepted")
    return total / seconds


async def _post(session: aiohttp.ClientSession, url: str, bodies: dict[str, bytes]) -> list[str]:
    """Post the bodies concurrently, and return each message's ts."""
    remaining = iter(bodies.items())
    timestamps: list[str] = []

    async def post_remaining() -> None:
        for channel_id, body in remaining:
            async with session.post(f"{url}chat.postMessage", data=body) as response:
                content = await response.json()
            if response.status != 200 or not content["ok"] or content["channel"] != channel_id:
                raise AssertionError(f"wrong answer: {content}")
            timestamps.append(content["ts"])

    await asyncio.gather(*(post_remaining() for _ in range(IN_FLIGHT)))
    return timestamps


def _build_bodies(message: ReminderMessage, count: int, numbers: _Counts) -> dict[str, bytes]:
    return {f"C{number}": _build_body(message, number) for number in (next(numbers) for _ in range(count))}


def _build_body(message: ReminderMessage, number: int) -> bytes:
    """Build the body that the sender posts."""
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": f"D{number}"}}
    rendered = messages.render(replace(message, channel_id=f"C{number}"))
    options = {"channel": f"C{number}", "unfurl_links": False, "unfurl_media": False, "metadata": metadata}
    return json.dumps({**options, **rendered}).encode()


@contextmanager
def _run_sink_server(rig: Rig) -> Iterator[str]:
    """Run a fake Web API in its own process, with a certificate that this process trusts. Return its URL."""
    certificate, key = rig.folder / "certificate.pem", rig.folder / "key.pem"
    _make_certificate(certificate, key)
    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(certificate)  # aiohttp's default context
    port = free_port()
    arguments = (str(port), str(certificate), str(key))
    process = Process(rig.folder, *arguments, module="tests.benchmarks.sink_server")
    try:
        servers.wait_until_listening(process, port)
        yield f"https://localhost:{port}/api/"
    finally:
        process.popen.kill()
        process.popen.communicate()


def _make_certificate(certificate: Path, key: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
