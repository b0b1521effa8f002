"""Who changed what: written beside each change, in its transaction, and shown."""

from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.service.place import Place, channel_at
from storage import audit_log
from storage.database import Database
from storage.facts import Change, Schedule

PAGE = 10
"""Changes on one page."""

WORKSPACE = ""
"""The channel of what concerns the whole workspace."""


def note(session: Session, place: Place, now: datetime, what: str, *, before: str = "", after: str = "") -> None:
    """Writes down what the person at the place changed there."""
    audit_log.add(session, Change(place.workspace_id, place.channel_id, place.user_id, what, now, before, after))


class Audit:
    """Shows who changed what."""

    def __init__(self, database: Database, default: Schedule) -> None:
        self._database = database
        self._default = default

    def show(self, page: int, place: Place) -> answers.Audit:
        """A page of what was changed in the channel and for the whole workspace, newest first."""
        with self._database.reading() as session:
            zone = channel_at(session, place, self._default).schedule.zone
            skip = (page - 1) * PAGE
            concerned = (place.channel_id, WORKSPACE)
            found = audit_log.of_channels(session, place.workspace_id, concerned, skip=skip, limit=PAGE + 1)
        return answers.Audit(zone, found[:PAGE], page, more=len(found) > PAGE)
