"""Faults to switch on, and a record of every call."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.models import Json

MOST_CALLS = 10_000
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
    more: tuple[tuple[str, str], ...] = ()
    """What else the answer says, such as `needed` and `provided`."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came: when on the workspace's clock, with which arguments, and how it was answered."""

    at: datetime
    method: str
    arguments: Json
    status: int
    answer: Json


@dataclass(slots=True)
class Faults:
    """Faults waiting for calls, method by method, first come first served; `*` is for any method."""

    _waiting: dict[str, deque[Fault]] = field(default_factory=dict)

    def script(self, method: str, *faults: Fault) -> None:
        """Adds faults for the next calls of a method."""
        self._waiting.setdefault(method, deque()).extend(faults)

    def take(self, method: str) -> Fault | None:
        """The fault for this call, which is then gone."""
        for name in (method, "*"):
            if waiting := self._waiting.get(name):
                return waiting.popleft()
        return None

    def clear(self) -> None:
        """Takes back what still waits."""
        self._waiting.clear()
