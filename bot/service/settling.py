"""What an outcome of a post means for the reminder that was posted."""

from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session

from bot.policy.sending import Accepted, Ambiguous, Outcome, Refused, Remedy
from storage import outbox
from storage.facts import OutboxEntry, OutboxState

ATTEMPTS = 12
"""Refusals that only time can mend, before a reminder is dead."""

LOOK_AGAIN = timedelta(seconds=60)
"""After an ambiguous post, before the next attempt, at the least."""

UNREACHABLE = timedelta(hours=1)
"""Between attempts at a channel or workspace that somebody has to mend."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
JITTER = 0.2
"""Share of a wait that is left to chance, so that many do not come back at once."""

NAMED_WAIT = (timedelta(seconds=1), timedelta(hours=1))
"""Between these a wait that Slack names is obeyed."""


class Settling:
    """Settles reminders by the outcome of their post; refused ones come back, none is lost."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def settle(self, session: Session, entry: OutboxEntry, outcome: Outcome, now: datetime) -> OutboxState | None:
        """The state the entry is in afterwards; None where it was no longer ours to settle."""
        match outcome:
            case Accepted(message_ts=ts):
                return _settled(
                    outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=ts), OutboxState.SENT
                )
            case Ambiguous(error=error):
                wait = max(LOOK_AGAIN, self._wait(entry.attempt, None))
                return self._again(session, entry, OutboxState.AMBIGUOUS, error, now, wait)
            case Refused():
                return self._refused(session, entry, outcome, now)

    def _refused(self, session: Session, entry: OutboxEntry, refused: Refused, now: datetime) -> OutboxState | None:
        match refused.remedy:
            case Remedy.OUR_BUG:
                return self._dead(session, entry, refused.error, now)
            case Remedy.PAUSE_CHANNEL | Remedy.SUSPEND_WORKSPACE:
                return self._again(session, entry, OutboxState.PENDING, refused.error, now, UNREACHABLE)
            case Remedy.RETRY:
                if refused.retry_after is None and entry.attempt >= ATTEMPTS:
                    return self._dead(session, entry, refused.error, now)
                wait = self._wait(entry.attempt, refused.retry_after)
                return self._again(session, entry, OutboxState.PENDING, refused.error, now, wait)

    def _wait(self, attempt: int, named: float | None) -> timedelta:
        """What Slack names, never less; otherwise doubling from half a minute."""
        if named is not None:
            shortest, longest = NAMED_WAIT
            return min(max(timedelta(seconds=named), shortest), longest)
        doubled: timedelta = min(FIRST_WAIT * 2 ** min(max(attempt, 1) - 1, 10), LONGEST_WAIT)
        return doubled * (1 + self._chance.uniform(-JITTER, JITTER))

    def _again(
        self, session: Session, entry: OutboxEntry, state: OutboxState, error: str, now: datetime, wait: timedelta
    ) -> OutboxState | None:
        return _settled(outbox.settle(session, entry, state=state, now=now, error=error, next_try_at=now + wait), state)

    def _dead(self, session: Session, entry: OutboxEntry, error: str, now: datetime) -> OutboxState | None:
        state = OutboxState.DEAD
        return _settled(outbox.settle(session, entry, state=state, now=now, error=error), state)


def _settled(ours: bool, state: OutboxState) -> OutboxState | None:  # noqa: FBT001 - the answer of `outbox.settle`
    return state if ours else None
