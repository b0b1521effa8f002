"""The operator's channel: where it is, and the one door for whatever whoever runs the bot has to hear."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.service.place import Place
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import operator_notes, outbox, workspaces
from storage.facts import DLVM, MessageKind, OperatorNote, Reminder, Workspace

MAX_NOTE_AGE = timedelta(days=7)
"""How old a note may be to be posted still, where the channel was set, or its workspace came, after it."""

CHANNEL_CHANGED = "the operator’s channel is another one now"

logger = logging.getLogger(__name__)


class Notify(Protocol):
    """Tells whoever runs the bot, in the transaction; the same topic and key once."""

    def __call__(self, session: Session, *, topic: str, key: str, text: str, url: str, now: datetime) -> object:
        """Has the text delivered."""


class OperatorChannel(Struct, frozen=True):
    """Whoever runs the bot, at the channel of the settings: `C…`, or `T…/C…`; empty for none."""

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
        """Writes a note and has it posted, in the session's transaction; False where topic and key were told before.

        Without a channel it is kept all the same; what is written has no line of another workspace's, and no secrets.
        """
        note = operator_notes.add(session, topic, key, text, now, quarantine_entry_id=quarantine_entry_id, url=url)
        if note is None:
            return False
        place = self.find_place(session)
        if place is not None:
            outbox.add(session, _build_reminder(note, place), now)
        elif quarantine_entry_id is None:  # what is held back is in the log already
            logger.warning("for the operator: %s", " ".join(text.split()))
        return True

    def find_place(self, session: Session) -> Place | None:
        """The channel; None where none is set, or it can't be told in which workspace it is."""
        workspace_id, _, channel_id = self.setting.rpartition("/")
        if not channel_id:
            return None
        named = workspaces.find(session, workspace_id) if workspace_id else None
        candidates = (
            _list_installed([named] if named else []) if workspace_id else _list_installed(workspaces.list_all(session))
        )
        return Place(candidates[0], channel_id) if len(candidates) == 1 else None

    def find_problem(self, session: Session) -> str:
        """Why nothing reaches the channel of the settings, in a sentence; empty where it can, or none is set."""
        if not self.setting or self.find_place(session) is not None:
            return ""
        workspace_id, _, channel_id = self.setting.rpartition("/")
        if workspace_id:
            return f"DLVM_OPERATOR_CHANNEL names the workspace {workspace_id}, and dlvm is not installed there."
        here = _list_installed(workspaces.list_all(session))
        if not here:
            return f"DLVM_OPERATOR_CHANNEL is {channel_id}, and dlvm is not installed in any workspace yet."
        return (
            f"DLVM_OPERATOR_CHANNEL is {channel_id}, and dlvm is installed in {len(here)} workspaces:"
            f" name the one that it is in, like {here[0]}/{channel_id}."
        )

    def send_missed(self, session: Session, now: datetime) -> int:
        """Has young notes posted that no channel was sent, because none was set or it is another one now."""
        place, young = self.find_place(session), operator_notes.list_since(session, now - MAX_NOTE_AGE)
        if place is None or not young:
            return 0
        entries = operator_notes.list_messages_in_channel(session, place.workspace_id, place.channel_id, young)
        here = {entry.reminder.version for entry in entries if entry.error != CHANNEL_CHANGED}
        missing = [note for note in young if str(note.note_id) not in here]
        told = (
            {entry.reminder.version for entry in operator_notes.list_sent_messages(session, missing)}
            if missing
            else set()
        )
        return sum(outbox.add(session, _build_reminder(n, place), now) for n in missing if str(n.note_id) not in told)


def _list_installed(found: Iterable[Workspace]) -> list[str]:
    """Those of the workspaces that still have the bot, whether or not Slack lets it post at present."""
    return [each.workspace_id for each in found if each.suspended_reason != UNINSTALLED]


def redraw_messages(session: Session, entry_id: int, now: datetime) -> int:
    """Has every message drawn anew in which the finding could be answered, wherever it stands."""
    sent = operator_notes.list_sent_messages(session, operator_notes.list_for_quarantine_entry(session, entry_id))
    for entry in sent:
        outbox.redraw_message(session, replace(entry.reminder, kind=MessageKind.CORRECTION), entry.message_ts, now)
    return len(sent)


def redraw_answered_copy(session: Session, entry_id: int, place: Place, message_ts: str, now: datetime) -> None:
    """Has a message drawn anew that somebody answered on, where it is not known to stand: its answer was lost."""
    notes = operator_notes.list_for_quarantine_entry(session, entry_id)
    known = {
        entry.message_ts
        for entry in operator_notes.list_messages_in_channel(session, place.workspace_id, place.channel_id, notes)
    }
    for note in notes[:1] if message_ts and message_ts not in known else ():
        outbox.redraw_message(
            session, replace(_build_reminder(note, place), kind=MessageKind.UNDO_EXPIRED), message_ts, now
        )


def _build_reminder(note: OperatorNote, place: Place) -> Reminder:
    number = str(note.note_id)
    day = note.created_at.date()
    return Reminder(place.workspace_id, place.channel_id, DLVM, number, None, day, 0, MessageKind.OPERATOR_NOTE)
