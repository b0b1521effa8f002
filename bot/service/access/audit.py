"""Who changed what: written beside each change, in its transaction, and shown."""

from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.service.place import Place, get_channel
from storage import audit_log
from storage.database import Database
from storage.facts import AuditEntry, Schedule

PAGE_SIZE = 10
"""Changes on one page."""

WORKSPACE_WIDE = ""
"""The channel of what concerns the whole workspace."""


def record(session: Session, place: Place, now: datetime, what: str, *, before: str = "", after: str = "") -> None:
    """Writes down what the person at the place changed there."""
    audit_log.add(session, AuditEntry(place.workspace_id, place.channel_id, place.user_id, what, now, before, after))


class AuditLog:
    """Shows who changed what."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def show(self, page: int, place: Place) -> answers.AuditPage:
        """A page of what was changed in the channel and for the whole workspace, newest first."""
        with self._database.read_only() as session:
            zone = get_channel(session, place, self._default).schedule.zone
            skip = (page - 1) * PAGE_SIZE
            concerned = (place.channel_id, WORKSPACE_WIDE)
            found = audit_log.list_for_channels(session, place.workspace_id, concerned, skip=skip, limit=PAGE_SIZE + 1)
        return answers.AuditPage(zone, found[:PAGE_SIZE], page, has_more=len(found) > PAGE_SIZE)
