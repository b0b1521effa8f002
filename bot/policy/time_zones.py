"""Time zones by their IANA names; one that no table has any more counts as UTC, so that reminders still come."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def get_zone(zone: str) -> ZoneInfo:
    """The zone of a name; UTC for a name that is not known."""
    return _find_zone(zone) or ZoneInfo("UTC")


def is_known(zone: str) -> bool:
    """Whether a zone has that name."""
    return _find_zone(zone) is not None


def to_local(at: datetime, zone: str) -> datetime:
    """The instant on the zone's clocks."""
    return at.astimezone(get_zone(zone))


def to_local_date(at: datetime, zone: str) -> date:
    """The zone's calendar day at the instant."""
    return to_local(at, zone).date()


def _find_zone(zone: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name is an OSError
        return None
