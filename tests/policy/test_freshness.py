"""How old what is known may be before that has to be said."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.policy.freshness import find_unverified_since

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("watched_since", "good_at", "said"),
    [
        (None, ago(1000), None),
        (ago(1000), ago(48), None),
        (ago(1000), ago(48.1), ago(48.1)),
        (ago(48), None, None),
        (ago(49), None, ago(49)),
        (ago(10), ago(1000), None),
        (ago(50), ago(1000), ago(1000)),
    ],
)
def test_after_48_hours_without_a_good_reading_it_is_said_where_the_page_is_fetched(
    watched_since: datetime | None, good_at: datetime | None, said: datetime | None
) -> None:
    assert find_unverified_since(watched_since, good_at, NOW) == said
