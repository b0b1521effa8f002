"""How the bot does, in numbers alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct
from sqlmodel import Session

from bot.policy import freshness
from storage import catalogue, outbox, quarantine, sources
from storage.facts import DLVM, OutboxState


class BotMetrics(Struct, frozen=True):
    """What is counted over all workspaces."""

    catalogue_age: timedelta | None
    """Since the page was last well read; where it never was, since the day the table is as of. None while empty."""
    is_verified: bool
    """Not, where the page is read and had no good reading for too long."""
    pending_review: int
    """What of the page waits for a person's word."""
    outbox_entries: Mapping[OutboxState, int]
    """Each state, those with none too."""
    possible_repeats: int


def collect_metrics(session: Session, now: datetime) -> BotMetrics:
    """The numbers of this moment."""
    reading, source = catalogue.find_last_reading(session, DLVM), sources.find(session)
    as_of = datetime.combine(reading.as_of, time(), UTC) if reading else None
    good_at = source.last_good_at or as_of
    counts = outbox.count_by_state(session)
    return BotMetrics(
        catalogue_age=now - good_at if good_at else None,
        is_verified=freshness.find_unverified_since(source.polling_since, source.last_good_at, now) is None,
        pending_review=len(quarantine.list_open(session)),
        outbox_entries={state: counts.get(state, 0) for state in OutboxState},
        possible_repeats=outbox.count_possible_duplicates(session),
    )
