"""Limits on how often the page is polled and how old its last good reading can be."""

from datetime import datetime, timedelta

STALE_AFTER = timedelta(hours=48)
"""Time without a good reading after which the catalogue counts as unverified."""

MIN_POLL_INTERVAL = timedelta(hours=1)
"""Shortest time between two polls of the page, including polls that people ask for."""


def compute_next_poll(polling_since: datetime | None, polled_at: datetime | None, now: datetime) -> datetime | None:
    """Return when a requested poll can run, or None if polling is off."""
    if polling_since is None:
        return None
    return max(now, polled_at + MIN_POLL_INTERVAL) if polled_at else now


def find_unverified_since(
    polling_since: datetime | None, last_good_at: datetime | None, now: datetime
) -> datetime | None:
    """Return the time of the last good reading if the catalogue counts as unverified, otherwise None.

    Time during which polling was off doesn't count. Without any good reading, the result is the start of polling.
    """
    if polling_since is None:
        return None
    counted_from = max(polling_since, last_good_at) if last_good_at else polling_since
    return (last_good_at or polling_since) if now - counted_from > STALE_AFTER else None
