"""Slack calls in flight."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from bot.service.delivery.prepare import Call

MAX_CALLS = 100
"""Calls in flight at once, in one process."""

MAX_CALLS_PER_WORKSPACE = 10
"""Calls in flight to one workspace, so that a slow one doesn't take every slot."""

AnyFuture = Future[Any]
"""A future of a post outcome or of a history lookup: `Future` is invariant, so a list of both has no narrower type."""


class InFlightCall(Struct, frozen=True):
    """A call that was started."""

    call: Call
    future: AnyFuture
    started_at: datetime


class InFlight:
    """The calls that were started and have not been completed."""

    def __init__(self) -> None:
        self._calls: list[InFlightCall] = []

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def free_slots(self) -> int:
        """The number of calls that can still be started."""
        return MAX_CALLS - len(self._calls)

    @property
    def futures(self) -> Sequence[AnyFuture]:
        """The futures of all calls in flight."""
        return [call.future for call in self._calls]

    def get_busy_workspaces(self) -> frozenset[str]:
        """Return the workspaces that have reached their limit of calls in flight."""
        counts = Counter(call.call.entries[0].reminder.workspace_id for call in self._calls)
        return frozenset(workspace_id for workspace_id, count in counts.items() if count >= MAX_CALLS_PER_WORKSPACE)

    def get_longest_duration(self, now: datetime) -> timedelta:
        """Return for how long the oldest call has been in flight; zero if there is none."""
        return max((now - call.started_at for call in self._calls), default=timedelta())

    def add(self, call: Call, future: AnyFuture, now: datetime) -> None:
        """Track a call that was started."""
        self._calls.append(InFlightCall(call, future, now))

    def pop_completed(self) -> list[InFlightCall]:
        """Remove and return the calls that have completed."""
        completed = [call for call in self._calls if call.future.done()]
        self._calls = [call for call in self._calls if call not in completed]
        return completed
