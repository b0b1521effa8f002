"""How old what is known may be before that has to be said."""

from datetime import datetime, timedelta

STALE_AFTER = timedelta(hours=48)
"""How long the page may go without a good reading."""

MIN_POLL_INTERVAL = timedelta(hours=1)
"""Between two attempts to read the page, whoever asks for them."""


def compute_next_poll(polling_since: datetime | None, polled_at: datetime | None, now: datetime) -> datetime | None:
    """When the page is read that somebody wants read as soon as the pace allows; None where it is not fetched."""
    if polling_since is None:
        return None
    return max(now, polled_at + MIN_POLL_INTERVAL) if polled_at else now


def find_unverified_since(
    polling_since: datetime | None, last_good_at: datetime | None, now: datetime
) -> datetime | None:
    """Since when no good reading came, once that is too long; None where the page is not fetched.

    What lies before the page was fetched at all, or fetched again, does not count.
    """
    if polling_since is None:
        return None
    counted = max(polling_since, last_good_at) if last_good_at else polling_since
    return (last_good_at or polling_since) if now - counted > STALE_AFTER else None
