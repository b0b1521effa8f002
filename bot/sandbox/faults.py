"""Faults to switch on, and a record of every call."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.models import Json

MAX_CALLS = 10_000
"""Calls remembered; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that goes wrong.

    An `error` is Slack's code in a normal answer. A `status` other than 200 is sent with `body`, which is HTML or
    empty as proxies send it. With `after_effect` the call takes effect first: the ambiguous kind.
    """

    error: str = ""
    status: int = 200
    retry_after: int | None = None
    body: str | None = None
    after_effect: bool = False
    extra_fields: tuple[tuple[str, str], ...] = ()
    """What else the answer says, such as `needed` and `provided`."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call as it came: when on the workspace's clock, with which arguments, and how it was answered."""

    called_at: datetime
    method: str
    arguments: Json
    status: int
    response: Json


@dataclass(slots=True)
class FaultQueue:
    """Faults waiting for calls, method by method, first come first served; `*` is for any method."""

    _queued: dict[str, deque[Fault]] = field(default_factory=dict)

    def add(self, method: str, *faults: Fault) -> None:
        """Adds faults for the next calls of a method."""
        self._queued.setdefault(method, deque()).extend(faults)

    def take(self, method: str) -> Fault | None:
        """The fault for this call, which is then gone."""
        for name in (method, "*"):
            if waiting := self._queued.get(name):
                return waiting.popleft()
        return None

    def clear(self) -> None:
        """Takes back what still waits."""
        self._queued.clear()
