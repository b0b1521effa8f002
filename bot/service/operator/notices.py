"""Notices to the operator: failed posts, quarantined values, and a page that can't be read for too long."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.policy import freshness
from bot.policy.durations import format_date, format_distance
from bot.service.operator.channel import OperatorChannel, redraw_messages
from storage import operator_notes, quarantine, sources
from storage.database import Database
from storage.facts import WHOLE_PAGE, MessageKind, OutboxEntry, QuarantineEntry, Resolution, Source

BUG = "bug"
QUARANTINE = "held"
STALE = "stale"

MAX_CODE_LENGTH = 60

MAX_SINGLE_NOTES = 8
"""Quarantined values of one reading that get a message with buttons each; one message counts the rest."""

_RECOVERED = " over"
"""Suffix that the key of a recovery adds to the key of the outage."""


def report_given_up(
    session: Session, operator: OperatorChannel, entries: Sequence[OutboxEntry], code: str, now: datetime
) -> None:
    """Report that entries are dead and are not retried."""
    number = entries[0].entry_id
    text = (
        f"dlvm couldn’t send entry {number} of the outbox and has given up: {_format_code(code)}."
        f" Fix the cause, then run `dlvm outbox retry {number}`. `dlvm outbox` lists the entry."
    )
    _notify_once_a_day(session, operator, entries, code, text, now)


def report_plain_fallback(
    session: Session, operator: OperatorChannel, entries: Sequence[OutboxEntry], flaw: str, now: datetime
) -> None:
    """Report that Slack rejected a message's layout and accepted a plainer version."""
    text = (
        f"Slack rejected the layout of entry {entries[0].entry_id} of the outbox: {_format_code(flaw)}."
        " dlvm sent a plainer version instead, so no message is missing. See the log for details."
    )
    _notify_once_a_day(session, operator, entries, flaw, text, now)


def report_widespread_refusal(session: Session, operator: OperatorChannel, code: str, now: datetime) -> None:
    """Report that many workspaces refuse the bot with one error code, so that dlvm is the likely cause."""
    text = (
        f"Several workspaces refused the bot within minutes, each with {_format_code(code)}. The cause is probably in"
        " dlvm’s configuration or an outage. No workspace is suspended, and dlvm retries every 15 minutes."
        " `dlvm outbox` shows the waiting messages."
    )
    operator.notify(session, BUG, f"many {_clean_code(code)} {now.date()}", text, now=now)


def _notify_once_a_day(
    session: Session, operator: OperatorChannel, entries: Sequence[OutboxEntry], code: str, text: str, now: datetime
) -> None:
    """Notify, unless the failed message is an operator note itself: the notice would fail too."""
    if any(entry.reminder.kind is not MessageKind.OPERATOR_NOTE for entry in entries):
        text += " This error isn’t reported again today."
        operator.notify(session, BUG, f"{_clean_code(code)} {now.date()}", text, now=now)


def _format_code(code: str) -> str:
    return f"`{_clean_code(code)}`"


def _clean_code(code: str) -> str:
    """Return an error code that is safe to show and to use in a key."""
    return "".join(c for c in code if c.isalnum() or c in "_- ")[:MAX_CODE_LENGTH]


def notify_quarantined(
    session: Session, operator: OperatorChannel, entries: Sequence[QuarantineEntry], url: str, now: datetime
) -> None:
    """Announce new quarantine entries, in the transaction that stores them."""
    for entry in entries[:MAX_SINGLE_NOTES]:
        key, field = str(entry.entry_id), FIELD_TITLES.get(entry.field, entry.field)
        subject = "the whole page" if entry.field == WHOLE_PAGE else f"{entry.family}, {field}"
        text = f"Pending review: {subject}. Reason: {entry.reason}."
        operator.notify(session, QUARANTINE, key, text, now=now, quarantine_entry_id=entry.entry_id, url=url)
    rest = entries[MAX_SINGLE_NOTES:]
    if rest:
        text = f"… and {len(rest)} more from this reading are pending review: run `dlvm catalogue review` to list them."
        operator.notify(session, QUARANTINE, f"{rest[0].entry_id}-{rest[-1].entry_id}", text, now=now, url=url)


def redraw_vanished(session: Session, previous: Sequence[QuarantineEntry], now: datetime) -> None:
    """Update the messages of previously open entries whose value is no longer on the page."""
    for entry in previous:
        current = quarantine.find(session, entry.entry_id)
        if current is not None and current.resolution is Resolution.GONE:
            redraw_messages(session, entry.entry_id, now)


def check_freshness(database: Database, operator: OperatorChannel, now: datetime) -> bool:
    """Report once if the page can't be read for too long, and once if it can be read again.

    Return True if a note was written.
    """
    with database.read_only() as session:
        notice = _find_freshness_notice(session, now)
    if notice is None:
        return False
    key, text = notice
    return database.run(lambda session: operator.notify(session, STALE, key, text, now=now))


def _find_freshness_notice(session: Session, now: datetime) -> tuple[str, str] | None:
    """Return the key and the text of the note to write, if any."""
    source, last_note = sources.find(session), operator_notes.find_latest(session, STALE)
    since = freshness.find_unverified_since(source.polling_since, source.last_good_at, now)
    if since is not None:
        is_reported = last_note is not None and last_note.key == since.isoformat()
        return None if is_reported else (since.isoformat(), _format_stale(source, since, now))
    if last_note is None or last_note.key.endswith(_RECOVERED) or source.last_good_at is None:
        return None
    stale_since = datetime.fromisoformat(last_note.key)
    if source.last_good_at <= stale_since:
        return None
    return f"{last_note.key}{_RECOVERED}", _format_recovered(stale_since, source.last_good_at)


def _format_stale(source: Source, since: datetime, now: datetime) -> str:
    problem = f" Last attempt: {source.problem}." if source.problem else ""
    return (
        f"dlvm has not been able to read Google’s page since {_format_moment(since)}"
        f" ({format_distance(now.date(), since.date())}).{problem} Answers and reminders mark their dates as not"
        " verified. `dlvm catalogue review` lists what is pending review, `dlvm catalogue refresh` reads the page now."
    )


def _format_recovered(stale_since: datetime, last_good_at: datetime) -> str:
    return (
        f"dlvm read Google’s page again on {_format_moment(last_good_at)}, for the first time since"
        f" {_format_moment(stale_since)}. Answers and reminders no longer mark their dates as not verified."
    )


def _format_moment(moment: datetime) -> str:
    return f"{format_date(moment.date())}, {moment:%H:%M} UTC"
