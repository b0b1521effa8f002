"""Parser of date cells. Only the listed formats are accepted; any other text has no day and a stated problem."""

import re
from calendar import monthrange
from datetime import date
from enum import StrEnum

from bot.policy.durations import MONTHS
from storage.facts import PrintedDate

NOT_PUBLISHED = "not published"
"""Text of a date that a product doesn't publish."""

_NO_DATES = {"", "to be determined", "tbd", "n/a", "not applicable", "not applicable (n/a)", "-", "–", NOT_PUBLISHED}
"""Texts that pages print for an unknown date; no error."""

_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH_NUMBERS |= {name[:3]: number for name, number in _MONTH_NUMBERS.items()} | {"sept": 9}


class DateFormat(StrEnum):
    """Patterns of a day, or of a month that stands for its last day."""

    AMERICAN = r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4})"
    ISO = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    CHINESE = r"(?P<year>[0-9]{4}) ?年 ?(?P<month>[0-9]{1,2}) ?月 ?(?P<day>[0-9]{1,2}) ?日"
    MONTH_ONLY = r"(?P<month>[A-Za-z]{3,9}) (?P<year>[0-9]{4})"


ALL_FORMATS = frozenset(DateFormat)
PAGE_FORMATS = frozenset({DateFormat.AMERICAN, DateFormat.ISO})
"""Formats of the Deep Learning VM page. Any other is a problem there; related products print the others."""
_MONTH_ONLY = re.compile(DateFormat.MONTH_ONLY)


def parse_date(text: str, formats: frozenset[DateFormat] = ALL_FORMATS) -> PrintedDate:
    """Parse a date cell. A month without a day gives its last day, and `is_month_only` tells so."""
    printed = " ".join(text.split())
    if printed.lower() in _NO_DATES:
        return PrintedDate(printed)
    match = next((match for pattern in formats if (match := re.fullmatch(pattern, printed))), None)
    day = _build_date(match.groupdict()) if match else None
    if day is None:
        return PrintedDate(printed, None, f"“{printed}” is not a date in any format the page uses")
    return PrintedDate(printed, day)


def is_month_only(cell: PrintedDate) -> bool:
    """Return True if the date of a cell is printed as a month without a day."""
    return cell.override is None and _MONTH_ONLY.fullmatch(cell.printed) is not None


def _build_date(parts: dict[str, str]) -> date | None:
    """Return the day of a match, or None if there is no such month or day."""
    year, month_text = int(parts["year"]), parts["month"].lower()
    month = int(month_text) if month_text.isdigit() else _MONTH_NUMBERS.get(month_text, 0)
    try:
        return date(year, month, int(parts["day"]) if "day" in parts else monthrange(year, month)[1])
    except ValueError:
        return None
