"""The audit log: who changed what. Each entry is stored in the transaction of its change."""

from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.service.place import Place, get_channel
from storage import audit_log
from storage.database import Database
from storage.facts import AuditEntry, Schedule

PAGE_SIZE = 10
"""Entries on a page."""

WORKSPACE_WIDE = ""
"""The channel id of entries about the whole workspace."""


def record(session: Session, place: Place, now: datetime, action: str, *, before: str = "", after: str = "") -> None:
    """Store an audit log entry for a change by the person at the place."""
    audit_log.add(session, AuditEntry(place.workspace_id, place.channel_id, place.user_id, action, now, before, after))


class AuditLog:
    """Shows the audit log."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def show(self, page: int, place: Place) -> answers.AuditPage:
        """Return a page of entries about the channel and the whole workspace, newest first."""
        with self._database.read_only() as session:
            zone = get_channel(session, place, self._default).schedule.zone
            skip = (page - 1) * PAGE_SIZE
            scopes = (place.channel_id, WORKSPACE_WIDE)
            entries = audit_log.list_for_channels(session, place.workspace_id, scopes, skip=skip, limit=PAGE_SIZE + 1)
        return answers.AuditPage(zone, entries[:PAGE_SIZE], page, has_more=len(entries) > PAGE_SIZE)
