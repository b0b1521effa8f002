"""Calls to Slack that are under way."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from bot.service.delivery.prepare import Call

MAX_CALLS = 100
"""Calls under way at once, in one process."""

MAX_CALLS_PER_WORKSPACE = 10
"""Of one workspace: a slow one must not take the places of all others."""

AnyFuture = Future[Any]
"""A `Future` of a sending's outcome or of a sighting; a list of both has no narrower type."""


class InFlightCall(Struct, frozen=True):
    """A call that was begun."""

    call: Call
    future: AnyFuture
    started_at: datetime


class InFlight:
    """Those that have not come back yet."""

    def __init__(self) -> None:
        self._calls: list[InFlightCall] = []

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def free_slots(self) -> int:
        """How many more may be begun."""
        return MAX_CALLS - len(self._calls)

    @property
    def futures(self) -> Sequence[AnyFuture]:
        """What to wait for."""
        return [flight.future for flight in self._calls]

    def get_busy_workspaces(self) -> frozenset[str]:
        """Workspaces with so many under way that they wait."""
        counted = Counter(flight.call.entries[0].reminder.workspace_id for flight in self._calls)
        return frozenset(workspace_id for workspace_id, count in counted.items() if count >= MAX_CALLS_PER_WORKSPACE)

    def get_longest_duration(self, now: datetime) -> timedelta:
        """How long the one that was begun first has been under way."""
        return max((now - flight.started_at for flight in self._calls), default=timedelta())

    def add(self, call: Call, future: AnyFuture, now: datetime) -> None:
        """Begins one."""
        self._calls.append(InFlightCall(call, future, now))

    def pop_completed(self) -> list[InFlightCall]:
        """Those that came back, which then are no longer under way."""
        back: list[InFlightCall] = []
        flying: list[InFlightCall] = []
        for flight in self._calls:
            (back if flight.future.done() else flying).append(flight)
        self._calls = flying
        return back
