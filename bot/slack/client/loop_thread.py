"""An event loop in a thread of its own, for calls that are started from other threads."""

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

CLOSE_TIMEOUT = 10
"""Seconds that the end may take."""


class LoopThread:
    """Runs coroutines; however many are started at once, the loop is woken once.

    asyncio's own way from another thread wakes it for each, which costs more than posting a message does: the two
    threads pass the interpreter to and fro.
    """

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._pending: deque[tuple[Coroutine[Any, Any, Any], Future[Any]]] = deque()
        self._is_woken = False
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def start(self, call: Coroutine[Any, Any, T]) -> "Future[T]":
        """Starts it; what it returns or raises is the future's. Raises RuntimeError where the loop has ended."""
        if self._is_closed:
            call.close()
            raise RuntimeError("the loop has ended")
        future: Future[T] = Future()
        self._pending.append((call, future))
        if not self._is_woken:
            self._is_woken = True
            self.loop.call_soon_threadsafe(self._start_pending)
        return future

    def close(self, final_call: Coroutine[Any, Any, None]) -> None:
        """Runs a last call and ends the loop; nothing where it has ended."""
        if not self._thread.is_alive():
            final_call.close()
            return
        self.start(final_call).result(timeout=CLOSE_TIMEOUT)
        self._is_closed = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=CLOSE_TIMEOUT)
        self.loop.close()

    def _start_pending(self) -> None:
        self._is_woken = False  # before what waits is taken: who comes later wakes it again
        while self._pending:
            call, future = self._pending.popleft()
            if not future.set_running_or_notify_cancel():
                call.close()
                continue
            task = self.loop.create_task(_run_into_future(call, future))
            self._tasks.add(task)  # the loop itself holds no task
            task.add_done_callback(self._tasks.discard)


async def _run_into_future(call: Coroutine[Any, Any, T], future: "Future[T]") -> None:
    try:
        future.set_result(await call)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whoever waits must not wait for ever
        future.set_exception(error)
