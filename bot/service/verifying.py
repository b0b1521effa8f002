"""The operator hears that the page has had no good reading for too long, and that it has one again: once each."""

from datetime import datetime

from sqlmodel import Session

from bot.policy import durations, freshness
from bot.service.operator.channel import Operator
from storage import operator_notes, sources
from storage.database import Database
from storage.facts import Source

TOPIC = "stale"

_OVER = " over"
"""What the key of the good news has after that of the bad."""

Word = tuple[str, str]
"""The key of what is to be told, and its text."""


def watch(database: Database, operator: Operator, now: datetime) -> bool:
    """Tells how old what is known is, where that is news; whether it was."""
    with database.reading() as session:
        word = _news(session, now)
    if word is None:
        return False
    key, text = word
    return database.run(lambda session: operator.tell(session, TOPIC, key, text, now=now))


def _news(session: Session, now: datetime) -> Word | None:
    source, last = sources.find(session), operator_notes.latest(session, TOPIC)
    since = freshness.unverified_since(source.watched_since, source.good_at, now)
    if since is not None:
        key = since.isoformat()
        return None if last is not None and last.key == key else (key, _stale(source, since, now))
    if last is None or last.key.endswith(_OVER) or source.good_at is None:
        return None
    began = datetime.fromisoformat(last.key)
    return (f"{last.key}{_OVER}", _good_again(began, source.good_at)) if source.good_at > began else None


def _stale(source: Source, since: datetime, now: datetime) -> str:
    why = f" The last attempt: {source.problem}." if source.problem else ""
    return (
        f"The page has had no good reading since {durations.plain_date(since.date())}, {since:%H:%M} UTC"
        f" ({durations.distance(now.date(), since.date())}).{why} Answers and reminders say that their dates are not"
        " verified. `dlvm catalogue review` shows what is held back, `dlvm catalogue refresh` reads the page now."
    )


def _good_again(began: datetime, good_at: datetime) -> str:
    return (
        f"The page has a good reading again, of {durations.plain_date(good_at.date())}, {good_at:%H:%M} UTC; it had"
        f" none since {durations.plain_date(began.date())}, {began:%H:%M} UTC. Answers and reminders no longer say that"
        " their dates are not verified."
    )
