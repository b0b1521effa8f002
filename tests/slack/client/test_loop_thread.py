"""The event loop in its own thread: every call ends in its future, and one wake-up starts many calls."""

import asyncio
import threading
from typing import Any

import pytest

from bot.slack.client.loop_thread import LoopThread


@pytest.fixture
def loop() -> LoopThread:
    return LoopThread("test")


async def do_nothing() -> None:
    pass


async def return_later(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def fail() -> None:
    raise ZeroDivisionError


def test_result_and_error_end_in_the_future(loop: LoopThread) -> None:
    futures = [loop.start(return_later(number)) for number in range(500)]
    assert [future.result(timeout=10) for future in futures] == list(range(500))
    with pytest.raises(ZeroDivisionError):
        loop.start(fail()).result(timeout=10)
    loop.close(do_nothing())


def test_calls_started_together_wake_the_loop_once(loop: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    wakes: list[object] = []
    call_soon_threadsafe = loop.loop.call_soon_threadsafe

    def record_wake(*arguments: Any) -> asyncio.Handle:
        wakes.append(arguments)
        return call_soon_threadsafe(*arguments)

    busy = threading.Event()
    loop.loop.call_soon_threadsafe(busy.wait, 10)
    monkeypatch.setattr(loop.loop, "call_soon_threadsafe", record_wake)
    futures = [loop.start(return_later(number)) for number in range(50)]
    busy.set()
    assert [future.result(timeout=10) for future in futures] == list(range(50))
    assert len(wakes) == 1
    monkeypatch.undo()
    loop.close(do_nothing())


def test_cancelled_call_ends_its_future(loop: LoopThread) -> None:
    async def cancel() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        loop.start(cancel()).result(timeout=10)
    loop.close(do_nothing())


def test_close_can_be_called_twice(loop: LoopThread) -> None:
    loop.close(do_nothing())
    loop.close(do_nothing())
    for _ in range(2):
        with pytest.raises(RuntimeError, match="closed"):
            loop.start(return_later(1))


def test_cancelled_future_never_starts_its_call(loop: LoopThread) -> None:
    busy = threading.Event()
    loop.loop.call_soon_threadsafe(busy.wait, 10)
    started: list[int] = []

    async def record_start() -> None:
        started.append(1)

    assert loop.start(record_start()).cancel()
    busy.set()
    assert loop.start(return_later(7)).result(timeout=10) == 7
    assert started == []
    loop.close(do_nothing())
