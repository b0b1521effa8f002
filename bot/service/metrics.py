"""Numbers about the bot, for monitoring."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct
from sqlmodel import Session

from bot.policy import freshness
from storage import catalogue, outbox, quarantine, sources
from storage.facts import DLVM, OutboxState


class BotMetrics(Struct, frozen=True):
    """Metrics over all workspaces. They name no workspace, channel or version."""

    catalogue_age: timedelta | None
    """Time since the last good fetch of Google's page, or since the table's date if it was never fetched.

    None while the catalogue is empty.
    """
    is_verified: bool
    """False if the page is polled, but the last good fetch is too old."""
    pending_review: int
    """Quarantined changes of the page that wait for a review."""
    outbox_entries: Mapping[OutboxState, int]
    """The number of entries in each state, zero included."""
    possible_duplicates: int
    """Messages that Slack might have posted twice."""


def collect_metrics(session: Session, now: datetime) -> BotMetrics:
    """Return the current metrics."""
    reading, source = catalogue.find_last_reading(session, DLVM), sources.find(session)
    as_of = datetime.combine(reading.as_of, time(), UTC) if reading else None
    fresh_at = source.last_good_at or as_of
    counts = outbox.count_by_state(session)
    return BotMetrics(
        catalogue_age=now - fresh_at if fresh_at else None,
        is_verified=freshness.find_unverified_since(source.polling_since, source.last_good_at, now) is None,
        pending_review=len(quarantine.list_open(session)),
        outbox_entries={state: counts.get(state, 0) for state in OutboxState},
        possible_duplicates=outbox.count_possible_duplicates(session),
    )
