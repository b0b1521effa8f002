"""How the bot does, in numbers alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct
from sqlmodel import Session

from bot.policy import freshness
from storage import catalogue, outbox, quarantine, sources
from storage.facts import DLVM, OutboxState


class Measures(Struct, frozen=True):
    """What is counted over all workspaces."""

    catalogue_age: timedelta | None
    """Since the page was last well read; where it never was, since the day the table is as of. None while empty."""
    verified: bool
    """Not, where the page is read and had no good reading for too long."""
    held: int
    """What of the page waits for a person's word."""
    entries: Mapping[OutboxState, int]
    """Each state, those with none too."""
    possible_repeats: int


def read(session: Session, now: datetime) -> Measures:
    """The numbers of this moment."""
    reading, source = catalogue.last_reading(session, DLVM), sources.find(session)
    as_of = datetime.combine(reading.as_of, time(), UTC) if reading else None
    good_at = source.good_at or as_of
    counts = outbox.counts(session)
    return Measures(
        catalogue_age=now - good_at if good_at else None,
        verified=freshness.unverified_since(source.watched_since, source.good_at, now) is None,
        held=len(quarantine.open_ones(session)),
        entries={state: counts.get(state, 0) for state in OutboxState},
        possible_repeats=outbox.count_possible_repeats(session),
    )
