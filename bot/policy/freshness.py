"""How old what is known may be before that has to be said."""

from datetime import datetime, timedelta

STALE_AFTER = timedelta(hours=48)
"""How long the page may go without a good reading."""

PACE = timedelta(hours=1)
"""Between two attempts to read the page, whoever asks for them."""


def read_next(watched_since: datetime | None, tried_at: datetime | None, now: datetime) -> datetime | None:
    """When the page is read that somebody wants read as soon as the pace allows; None where it is not fetched."""
    if watched_since is None:
        return None
    return max(now, tried_at + PACE) if tried_at else now


def unverified_since(watched_since: datetime | None, good_at: datetime | None, now: datetime) -> datetime | None:
    """Since when no good reading came, once that is too long; None where the page is not fetched.

    What lies before the page was fetched at all, or fetched again, does not count.
    """
    if watched_since is None:
        return None
    counted = max(watched_since, good_at) if good_at else watched_since
    return (good_at or watched_since) if now - counted > STALE_AFTER else None
