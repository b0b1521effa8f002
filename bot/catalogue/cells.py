"""Date cells read by an explicit list of formats: what does not fit has no day and says why; nothing is guessed."""

import re
from calendar import monthrange
from datetime import date

from bot.policy.durations import MONTHS
from storage.facts import PrintedDate

_NONE_KNOWN = {"", "to be determined", "tbd", "n/a", "not applicable", "not applicable (n/a)", "-", "–"}
"""What pages print where there is no date: known unknowns, not errors."""

_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_NUMBERS |= {name[:3]: number for name, number in _NUMBERS.items()} | {"sept": 9}

_AMERICAN = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CHINESE = re.compile(r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日")
_MONTH_ONLY = re.compile(r"([A-Za-z]{3,9}) (\d{4})")


def read_date(text: str) -> PrintedDate:
    """The cell with its day; a month alone means its last day, which the printed text tells."""
    printed = " ".join(text.split())
    if printed.lower() in _NONE_KNOWN:
        return PrintedDate(printed)
    parts = _parts(printed)
    try:
        day = date(*parts) if parts else None
    except ValueError:
        day = None
    if day is None:
        return PrintedDate(printed, None, f"“{printed}” is not a date in any format the page uses")
    return PrintedDate(printed, day)


def _parts(printed: str) -> tuple[int, int, int] | None:
    """Year, month and day; None where the text has none of the formats."""
    found = _AMERICAN.fullmatch(printed)
    if found:
        month = _NUMBERS.get(found[1].lower())
        return (int(found[3]), month, int(found[2])) if month else None
    found = _ISO.fullmatch(printed) or _CHINESE.fullmatch(printed)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _MONTH_ONLY.fullmatch(printed)
    month = _NUMBERS.get(found[1].lower()) if found else None
    if not found or not month or not int(found[2]):
        return None
    return int(found[2]), month, monthrange(int(found[2]), month)[1]
