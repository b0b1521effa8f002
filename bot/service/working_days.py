"""Days on which a schedule sends nothing: weekdays off and public holidays."""

from collections.abc import Container
from datetime import date
from functools import cache, lru_cache

from bot.policy import reminders
from storage.facts import Schedule


@lru_cache(maxsize=256)
def get_day_off_check(schedule: Schedule) -> reminders.IsDayOff:
    """On which days the schedule wants no reminder: weekdays, and its country's holidays as they are observed."""
    weekly = reminders.build_weekly_days_off(schedule.days_off)
    if not schedule.country:
        return weekly
    public = _load_holidays(schedule.country)
    return lambda day: weekly(day) or day in public


def list_countries() -> frozenset[str]:
    """The ISO codes of the countries whose public holidays are known."""
    import holidays  # noqa: PLC0415 - only channels that name a country need it

    return frozenset(holidays.list_supported_countries())


@cache
def _load_holidays(country: str) -> Container[date]:
    import holidays  # noqa: PLC0415 - the same

    public: Container[date] = holidays.country_holidays(country)  # finds a year's days when one of them is asked for
    return public
