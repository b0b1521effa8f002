"""The sandbox's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.clock import MovableClock


def test_only_a_reset_moves_the_clock_back() -> None:
    real = datetime(2026, 11, 23, 12, tzinfo=UTC)
    clock = MovableClock(lambda: real)
    clock.move_to(real + timedelta(days=7))
    assert (clock(), clock.offset) == (real + timedelta(days=7), timedelta(days=7))
    with pytest.raises(ValueError, match="only a reset"):
        clock.move_to(real)
    clock.reset()
    assert (clock(), clock.offset) == (real, timedelta())
