"""The operator channel: where it is, and the notes that are posted there."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.service.place import Place, build_notice
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import operator_notes, outbox, workspaces
from storage.facts import MessageKind, OperatorNote, Reminder, Workspace

MAX_NOTE_AGE = timedelta(days=7)
"""The age up to which a note is still posted if it could not be posted when it was written."""

CHANNEL_CHANGED = "the operator channel has changed"
"""Why an entry is superseded whose channel is no longer the operator channel."""

logger = logging.getLogger(__name__)


class Notify(Protocol):
    """Writes a note to the operator in the session's transaction, once for each topic and key."""

    def __call__(self, session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> object:
        """Write the note and schedule it for posting."""


class OperatorChannel(Struct, frozen=True):
    """The operator channel as set in the settings: `C…` or `T…/C…`, or empty for none."""

    setting: str = ""

    def notify(
        self,
        session: Session,
        topic: str,
        key: str,
        text: str,
        *,
        now: datetime,
        quarantine_entry_id: int | None = None,
        url: str = "",
    ) -> bool:
        """Write a note and schedule it for posting, in the session's transaction.

        Return False if topic and key have been used before. Without an operator channel the note is kept and logged.
        The text must not contain secrets or other workspaces' messages.
        """
        note = operator_notes.add(session, topic, key, text, now, quarantine_entry_id=quarantine_entry_id, url=url)
        if note is None:
            return False
        place = self.find_place(session)
        if place is not None:
            outbox.add(session, _build_reminder(note, place), now)
        elif quarantine_entry_id is None:  # quarantined values are logged when they are read
            logger.warning("operator note: %s", " ".join(text.split()))
        return True

    def find_place(self, session: Session) -> Place | None:
        """Return the channel; None if none is set or its workspace is unknown or ambiguous."""
        workspace_id, _, channel_id = self.setting.rpartition("/")
        if not channel_id:
            return None
        named = (workspaces.find(session, workspace_id),) if workspace_id else ()
        candidates = _list_installed(named or workspaces.list_all(session))
        return Place(candidates[0], channel_id) if len(candidates) == 1 else None

    def find_problem(self, session: Session) -> str:
        """Return why the channel of the settings can't be used, as a sentence; empty if it can, or if none is set."""
        if not self.setting or self.find_place(session) is not None:
            return ""
        workspace_id, _, channel_id = self.setting.rpartition("/")
        if workspace_id:
            return f"DLVM_OPERATOR_CHANNEL names workspace {workspace_id}, but dlvm is not installed there."
        installed = _list_installed(workspaces.list_all(session))
        if not installed:
            return f"DLVM_OPERATOR_CHANNEL is {channel_id}, but dlvm is not installed in any workspace yet."
        return (
            f"DLVM_OPERATOR_CHANNEL is {channel_id}, but dlvm is installed in {len(installed)} workspaces."
            f" Add the channel’s workspace, like {installed[0]}/{channel_id}."
        )

    def send_missed(self, session: Session, now: datetime) -> int:
        """Schedule recent notes that no channel was sent, because none was set or it has changed. Return their number.

        Notes older than MAX_NOTE_AGE are left out.
        """
        place = self.find_place(session)
        notes = operator_notes.list_since(session, now - MAX_NOTE_AGE)
        if place is None or not notes:
            return 0
        entries = operator_notes.list_messages_in_channel(session, place.workspace_id, place.channel_id, notes)
        scheduled = {entry.reminder.subject_id for entry in entries if entry.error != CHANNEL_CHANGED}
        missing = [note for note in notes if note.note_id not in scheduled]
        sent = {entry.reminder.subject_id for entry in operator_notes.list_sent_messages(session, missing)}
        unsent = [note for note in missing if note.note_id not in sent]
        return sum(outbox.add(session, _build_reminder(note, place), now) for note in unsent)


def _list_installed(candidates: Iterable[Workspace | None]) -> list[str]:
    """Return the ids of the workspaces where the bot is installed, even if Slack refuses its posts now."""
    return [w.workspace_id for w in candidates if w is not None and w.suspended_reason != UNINSTALLED]


def redraw_messages(session: Session, entry_id: int, now: datetime) -> None:
    """Schedule updates of all messages with review buttons for the quarantine entry."""
    notes = operator_notes.list_for_quarantine_entry(session, entry_id)
    for entry in operator_notes.list_sent_messages(session, notes):
        outbox.redraw_message(session, replace(entry.reminder, kind=MessageKind.CORRECTION), entry.message_ts, now)


def redraw_answered_copy(session: Session, entry_id: int, place: Place, message_ts: str, now: datetime) -> None:
    """Schedule an update of a message whose button was pressed, if its post was never recorded as sent."""
    notes = operator_notes.list_for_quarantine_entry(session, entry_id)
    if not notes or not message_ts:
        return
    entries = operator_notes.list_messages_in_channel(session, place.workspace_id, place.channel_id, notes)
    if message_ts not in {entry.message_ts for entry in entries}:
        reminder = replace(_build_reminder(notes[0], place), kind=MessageKind.UNDO_EXPIRED)
        outbox.redraw_message(session, reminder, message_ts, now)


def _build_reminder(note: OperatorNote, place: Place) -> Reminder:
    return build_notice(place, note.created_at.date(), MessageKind.OPERATOR_NOTE, str(note.note_id))
