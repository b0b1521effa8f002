"""Date cells read by an explicit list of formats: what does not fit has no day and says why; nothing is guessed."""

import re
from calendar import monthrange
from datetime import date
from enum import StrEnum

from bot.policy.durations import MONTHS
from storage.facts import PrintedDate

NOT_PUBLISHED = "not published"
"""What stands for a date that a product has none of."""

_NO_DATE_TEXTS = {
    "",
    "to be determined",
    "tbd",
    "n/a",
    "not applicable",
    "not applicable (n/a)",
    "-",
    "–",
    NOT_PUBLISHED,
}
"""What pages print where there is no date: known unknowns, not errors."""

_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH_NUMBERS |= {name[:3]: number for name, number in _MONTH_NUMBERS.items()} | {"sept": 9}


class DateFormat(StrEnum):
    """A way to write a day, or a month that stands for its last day."""

    AMERICAN = r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4})"
    ISO = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    CHINESE = r"(?P<year>[0-9]{4}) ?年 ?(?P<month>[0-9]{1,2}) ?月 ?(?P<day>[0-9]{1,2}) ?日"
    MONTH_ONLY = r"(?P<month>[A-Za-z]{3,9}) (?P<year>[0-9]{4})"


ALL_FORMATS = frozenset(DateFormat)


def parse_date(text: str, formats: frozenset[DateFormat] = ALL_FORMATS) -> PrintedDate:
    """The cell with its day; a month alone means its last day, which the printed text tells."""
    printed = " ".join(text.split())
    if printed.lower() in _NO_DATE_TEXTS:
        return PrintedDate(printed)
    found = next((match for form in formats if (match := re.fullmatch(form, printed))), None)
    day = _build_date(found.groupdict()) if found else None
    if day is None:
        return PrintedDate(printed, None, f"“{printed}” is not a date in any format the page uses")
    return PrintedDate(printed, day)


def is_month_only(printed: str) -> bool:
    """Whether a cell names a month, which stands for its last day."""
    return re.fullmatch(DateFormat.MONTH_ONLY, printed) is not None


def _build_date(parts: dict[str, str]) -> date | None:
    """The day of a match; None where the calendar has no such month or day."""
    year, month = int(parts["year"]), _parse_month(parts["month"])
    try:
        return date(year, month, int(parts["day"]) if "day" in parts else monthrange(year, month)[1])
    except ValueError:
        return None


def _parse_month(written: str) -> int:
    return int(written) if written.isdigit() else _MONTH_NUMBERS.get(written.lower(), 0)
