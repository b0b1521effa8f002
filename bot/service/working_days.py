"""Days on which a schedule sends nothing: weekly days off and public holidays."""

from collections.abc import Container
from datetime import date
from functools import cache, lru_cache

from bot.policy import reminders
from storage.facts import Schedule


@lru_cache(maxsize=256)
def get_day_off_check(schedule: Schedule) -> reminders.IsDayOff:
    """Return a function that tells if a date is a weekly day off or an observed public holiday of the schedule."""
    is_weekly_day_off = reminders.build_weekly_days_off(schedule.days_off)
    if not schedule.country:
        return is_weekly_day_off
    holidays = _load_holidays(schedule.country)
    return lambda day: is_weekly_day_off(day) or day in holidays


def list_countries() -> frozenset[str]:
    """Return the ISO codes of the countries whose public holidays are known."""
    import holidays  # noqa: PLC0415 - slow to import, and only channels with a country need it

    return frozenset(holidays.list_supported_countries())


@cache
def _load_holidays(country: str) -> Container[date]:
    import holidays  # noqa: PLC0415 - slow to import, and only channels with a country need it

    country_holidays: Container[date] = holidays.country_holidays(country)  # computes a year on its first lookup
    return country_holidays
