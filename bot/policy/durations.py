"""Dates and durations in plain English, independent of the machine's locale."""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

_MONTH_NAMES = "January February March April May June July August September October November December"
MONTHS = tuple(_MONTH_NAMES.split())
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def format_date(day: date) -> str:
    """Format a date as `13 Apr 2027`."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def format_long_date(day: date) -> str:
    """Format a date as `Tue 13 Apr 2027`."""
    return f"{format_weekday(day)[:3]} {format_date(day)}"


def format_weekday(day: date) -> str:
    """Format a date's weekday as `Tuesday`."""
    return WEEKDAYS[day.weekday()]


@lru_cache(maxsize=4_096)
def format_duration(start: date, end: date) -> str:
    """Format the calendar time from one day to a later one as `4 months and 21 days`, without zero parts."""
    span = relativedelta(end, start)
    counts = ((span.years, "year"), (span.months, "month"), (span.days, "day"))
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count]
    if not parts:
        return "today"
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def format_distance(today: date, day: date) -> str:
    """Format a day relative to today: `in 4 months and 21 days`, `today`, `7 months and 10 days ago`."""
    if day == today:
        return "today"
    return f"in {format_duration(today, day)}" if day > today else f"{format_duration(day, today)} ago"


def find_monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())
