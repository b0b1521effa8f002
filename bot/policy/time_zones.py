"""Time zones by IANA name. An unknown zone counts as UTC, so that reminders are still sent."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def get_zone(name: str) -> ZoneInfo:
    """Return the zone of that name, or UTC if the name is unknown."""
    return _find_zone(name) or ZoneInfo("UTC")


def is_known(name: str) -> bool:
    """Return True if a zone has that name."""
    return _find_zone(name) is not None


def to_local(at: datetime, zone: str) -> datetime:
    """Convert an instant to the zone's local time."""
    return at.astimezone(get_zone(zone))


def to_local_date(at: datetime, zone: str) -> date:
    """Return the zone's calendar day at an instant."""
    return to_local(at, zone).date()


def _find_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError if the name is a directory, such as "America"
        return None
