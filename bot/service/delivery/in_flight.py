"""Calls to Slack that are under way."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from bot.service.delivery.prepare import Call

MOST = 100
"""Calls under way at once, in one process."""

MOST_OF_ONE = 10
"""Of one workspace: a slow one must not take the places of all others."""

AnyFuture = Future[Any]
"""A `Future` of a sending's outcome or of a sighting; a list of both has no narrower type."""


class Flight(Struct, frozen=True):
    """A call that was begun."""

    call: Call
    future: AnyFuture
    begun: datetime


class Flights:
    """Those that have not come back yet."""

    def __init__(self) -> None:
        self._flying: list[Flight] = []

    def __len__(self) -> int:
        return len(self._flying)

    @property
    def room(self) -> int:
        """How many more may be begun."""
        return MOST - len(self._flying)

    @property
    def futures(self) -> Sequence[AnyFuture]:
        """What to wait for."""
        return [flight.future for flight in self._flying]

    def busy(self) -> frozenset[str]:
        """Workspaces with so many under way that they wait."""
        counted = Counter(flight.call.entries[0].reminder.workspace_id for flight in self._flying)
        return frozenset(workspace_id for workspace_id, count in counted.items() if count >= MOST_OF_ONE)

    def oldest(self, now: datetime) -> timedelta:
        """How long the one that was begun first has been under way."""
        return max((now - flight.begun for flight in self._flying), default=timedelta())

    def add(self, call: Call, future: AnyFuture, now: datetime) -> None:
        """Begins one."""
        self._flying.append(Flight(call, future, now))

    def landed(self) -> list[Flight]:
        """Those that came back, which then are no longer under way."""
        back: list[Flight] = []
        flying: list[Flight] = []
        for flight in self._flying:
            (back if flight.future.done() else flying).append(flight)
        self._flying = flying
        return back
