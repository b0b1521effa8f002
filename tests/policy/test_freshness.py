"""Age after which the catalogue counts as unverified."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.policy.freshness import find_unverified_since

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("polling_since", "last_good_at", "expected"),
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
def test_catalogue_is_unverified_after_48_hours_of_failed_polls(
    polling_since: datetime | None, last_good_at: datetime | None, expected: datetime | None
) -> None:
    assert find_unverified_since(polling_since, last_good_at, NOW) == expected
