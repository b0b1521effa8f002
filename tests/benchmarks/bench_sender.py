"""Posting to a stand-in on this machine, over TLS: the bot's sender beside one shared client in a loop."""

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
from tests.benchmarks.measure import measure_alternately
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig
from tests.processes.fake_slack import Process, free_port

IN_FLIGHT = 40
TOKEN = "xoxb-good"

_Counts = Iterator[int]


def measure_posting(rig: Rig) -> list[Row]:
    """So many messages, each to another channel, with some of them on their way at once."""
    message = build_typical_message(rig)
    what = f"posting {rig.size.posts:,} messages over TLS, {IN_FLIGHT} on their way at once"
    with _run_sink_server(rig) as url:
        sender = SlackSender(lambda _: TOKEN, url)
        numbers = count()
        _send(sender, message, rig.size.warmup_calls, numbers)
        sides = measure_alternately(
            rig.track_rounds(what),
            lambda: (_send(sender, message, rig.size.posts, numbers),),
            lambda: (asyncio.run(_post_over_shared_session(url, message, rig.size.posts, numbers)),),
        )
        sender.close()
    n = f"{rig.size.rounds} × {rig.size.posts:,} messages"
    against = "one shared aiohttp session, ready bodies"
    return [compare("posting", what, against, sides, Target(0.6, at_least=True), unit=Unit.PER_SECOND, n=n)]


def _send(sender: SlackSender, message: ReminderMessage, many: int, numbers: _Counts) -> float:
    """Messages per second by the bot's sender, begun as delivery does: as many as there is room for."""
    chosen = (next(numbers) for _ in range(many))
    waiting = [replace(message, channel_id=f"C{number}", delivery_id=f"D{number}") for number in chosen]
    back: SimpleQueue[Future[PostOutcome]] = SimpleQueue()
    outcomes: list[PostOutcome] = []
    begun = perf_counter()
    for each in waiting[:IN_FLIGHT]:
        sender.send(each).add_done_callback(back.put)
    following = iter(waiting[IN_FLIGHT:])
    while len(outcomes) < many:
        landed = [back.get(), *(back.get_nowait() for _ in range(back.qsize()))]
        for each in islice(following, len(landed)):
            sender.send(each).add_done_callback(back.put)
        outcomes += [future.result() for future in landed]
    took = perf_counter() - begun
    _check(outcomes)
    return many / took


def _check(outcomes: list[PostOutcome]) -> None:
    wrong = [outcome for outcome in outcomes if not isinstance(outcome, Accepted)]
    if wrong or len({outcome.message_ts for outcome in outcomes if isinstance(outcome, Accepted)}) != len(outcomes):
        raise AssertionError(f"not each accepted once: {wrong[:3]}")


async def _post_over_shared_session(url: str, message: ReminderMessage, many: int, numbers: _Counts) -> float:
    """The same by aiohttp alone, what is posted being encoded already and the connections open."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json;charset=utf-8"}
    async with aiohttp.ClientSession(headers=headers) as session:
        await _post(session, url, _build_bodies(message, IN_FLIGHT, numbers))
        bodies = _build_bodies(message, many, numbers)
        begun = perf_counter()
        given = await _post(session, url, bodies)
        took = perf_counter() - begun
    if len(set(given)) != many:
        raise AssertionError(f"{len(set(given))} accepted, of {many}")
    return many / took


async def _post(session: aiohttp.ClientSession, url: str, bodies: dict[str, bytes]) -> list[str]:
    """What Slack gave for each, by so many that post at once."""
    waiting = iter(bodies.items())
    given: list[str] = []

    async def one() -> None:
        for channel_id, body in waiting:
            async with session.post(f"{url}chat.postMessage", data=body) as answer:
                said = await answer.json()
            if answer.status != 200 or not said["ok"] or said["channel"] != channel_id:
                raise AssertionError(f"a wrong answer: {said}")
            given.append(said["ts"])

    await asyncio.gather(*(one() for _ in range(IN_FLIGHT)))
    return given


def _build_bodies(message: ReminderMessage, many: int, numbers: _Counts) -> dict[str, bytes]:
    return {f"C{number}": _build_body(message, number) for number in (next(numbers) for _ in range(many))}


def _build_body(message: ReminderMessage, number: int) -> bytes:
    """What the sender posts for it."""
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": f"D{number}"}}
    drawn = messages.render(replace(message, channel_id=f"C{number}"))
    plain = {"channel": f"C{number}", "unfurl_links": False, "unfurl_media": False, "metadata": metadata}
    return json.dumps({**plain, **drawn}).encode()


@contextmanager
def _run_sink_server(rig: Rig) -> Iterator[str]:
    """A stand-in for Slack's Web API in a process of its own, whose certificate this process trusts."""
    certificate, key = rig.folder / "certificate.pem", rig.folder / "key.pem"
    _make_certificate(certificate, key)
    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(certificate)  # aiohttp's default
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
