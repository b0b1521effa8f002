"""A loop in a thread of its own: whatever is started ends in its future, and many are begun by one waking."""

import asyncio
import threading
from typing import Any

import pytest

from bot.slack.client.loop_thread import LoopThread


@pytest.fixture
def loop() -> LoopThread:
    return LoopThread("test")


async def nothing() -> None:
    pass


async def given(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def fails() -> None:
    raise ZeroDivisionError


def test_what_is_started_ends_in_its_future(loop: LoopThread) -> None:
    futures = [loop.start(given(number)) for number in range(500)]
    assert [future.result(timeout=10) for future in futures] == list(range(500))
    with pytest.raises(ZeroDivisionError):
        loop.start(fails()).result(timeout=10)
    loop.close(nothing())


def test_many_that_are_started_before_the_loop_comes_to_them_wake_it_once(
    loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[object] = []
    wake = loop.loop.call_soon_threadsafe

    def waking(*given: Any) -> asyncio.Handle:
        woken.append(given)
        return wake(*given)

    busy = threading.Event()
    loop.loop.call_soon_threadsafe(busy.wait, 10)
    monkeypatch.setattr(loop.loop, "call_soon_threadsafe", waking)
    futures = [loop.start(given(number)) for number in range(50)]
    busy.set()
    assert [future.result(timeout=10) for future in futures] == list(range(50))
    assert len(woken) == 1
    monkeypatch.undo()
    loop.close(nothing())


def test_who_waits_for_what_is_broken_off_does_not_wait_for_ever(loop: LoopThread) -> None:
    async def breaks_off() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        loop.start(breaks_off()).result(timeout=10)
    loop.close(nothing())


def test_it_can_be_ended_twice(loop: LoopThread) -> None:
    loop.close(nothing())
    loop.close(nothing())
    for _ in range(2):
        with pytest.raises(RuntimeError, match="ended"):
            loop.start(given(1))


def test_what_was_given_up_before_it_began_is_not_begun(loop: LoopThread) -> None:
    busy = threading.Event()
    loop.loop.call_soon_threadsafe(busy.wait, 10)
    begun: list[int] = []

    async def notes() -> None:
        begun.append(1)

    assert loop.start(notes()).cancel()
    busy.set()
    assert loop.start(given(7)).result(timeout=10) == 7
    assert begun == []
    loop.close(nothing())
