"""An event loop in its own thread, for coroutines started from other threads."""

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

CLOSE_TIMEOUT = 10
"""Seconds to wait for the final call, and then for the thread."""


class LoopThread:
    """Runs coroutines, waking the loop once for any number of coroutines started together.

    `asyncio.run_coroutine_threadsafe` wakes the loop for each of them, which costs more than posting a message: the
    two threads keep switching the interpreter.
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
        """Start a coroutine and return a future for its result. Raises RuntimeError if the loop is closed."""
        if self._is_closed:
            call.close()
            raise RuntimeError("the loop is closed")
        future: Future[T] = Future()
        self._pending.append((call, future))
        if not self._is_woken:
            self._is_woken = True
            self.loop.call_soon_threadsafe(self._start_pending)
        return future

    def close(self, final_call: Coroutine[Any, Any, None]) -> None:
        """Run a final coroutine and close the loop. Does nothing if it is closed already."""
        if not self._thread.is_alive():
            final_call.close()
            return
        self.start(final_call).result(timeout=CLOSE_TIMEOUT)
        self._is_closed = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=CLOSE_TIMEOUT)
        self.loop.close()

    def _start_pending(self) -> None:
        self._is_woken = False  # before taking pending calls, so that later ones wake the loop again
        while self._pending:
            call, future = self._pending.popleft()
            if not future.set_running_or_notify_cancel():
                call.close()
                continue
            task = self.loop.create_task(_run_into_future(call, future))
            self._tasks.add(task)  # the loop keeps only weak references to tasks
            task.add_done_callback(self._tasks.discard)


async def _run_into_future(call: Coroutine[Any, Any, T], future: "Future[T]") -> None:
    try:
        future.set_result(await call)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the caller must not wait forever
        future.set_exception(error)
