"""Faults that tests inject into the Web API, and the record of its calls."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.models import Json

MAX_CALLS = 10_000
"""Calls kept in the record."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A failing response to one call.

    An `error` is Slack's code in a response of status 200. Another `status` is sent with `body`, which is HTML or
    empty, as proxies send it. With `after_effect` the call takes effect before it fails.
    """

    error: str = ""
    status: int = 200
    retry_after: int | None = None
    body: str | None = None
    after_effect: bool = False
    extra_fields: tuple[tuple[str, str], ...] = ()
    """More fields of the response, such as `needed` and `provided`."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A recorded call and its response. `called_at` is on the workspace's clock."""

    called_at: datetime
    method: str
    arguments: Json
    status: int
    response: Json


@dataclass(slots=True)
class FaultQueue:
    """Queued faults by method, first in first out. The method `*` stands for all of them."""

    _queued: dict[str, deque[Fault]] = field(default_factory=dict)

    def add(self, method: str, *faults: Fault) -> None:
        """Queue faults for the next calls of a method."""
        self._queued.setdefault(method, deque()).extend(faults)

    def take(self, method: str) -> Fault | None:
        """Remove and return the next fault for a call, if any."""
        for name in (method, "*"):
            if faults := self._queued.get(name):
                return faults.popleft()
        return None
