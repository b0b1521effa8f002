"""The sandbox's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.clock import MovableClock, PastInstantError


def test_only_a_reset_moves_the_clock_back() -> None:
    real = datetime(2026, 11, 23, 12, tzinfo=UTC)
    clock = MovableClock(lambda: real)
    clock.move_to(real + timedelta(days=7))
    assert (clock(), clock.offset, clock.is_moved) == (real + timedelta(days=7), timedelta(days=7), True)
    with pytest.raises(PastInstantError, match="only a reset"):
        clock.move_to(real)
    clock.reset()
    assert (clock(), clock.is_moved) == (real, False)
