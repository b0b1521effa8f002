"""The operator hears of what dlvm itself does wrong when it posts: once for each error and day."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.policy import durations, freshness
from bot.service.operator import channel
from bot.service.operator.channel import OperatorChannel
from storage import operator_notes, quarantine, sources
from storage.database import Database
from storage.facts import WHOLE_PAGE, MessageKind, OutboxEntry, QuarantineEntry, Resolution, Source

BUG = "bug"

MAX_CODE_LENGTH = 60


def report_given_up(
    session: Session, operator: OperatorChannel, entries: Sequence[OutboxEntry], code: str, now: datetime
) -> None:
    """Slack will not have it, and sending it again is useless."""
    number = entries[0].entry_id
    _notify_once_a_day(
        session,
        operator,
        entries,
        code,
        f"Slack refused entry {number} of the outbox as wrong, and it is given up: {_format_code(code)}."
        f" `dlvm outbox` shows it, and `dlvm outbox retry {number}` sends it again once the cause is mended.",
        now,
    )


def report_plain_fallback(
    session: Session, operator: OperatorChannel, entries: Sequence[OutboxEntry], flaw: str, now: datetime
) -> None:
    """Slack did not take the message as it was drawn, but took it more plainly."""
    text = (
        f"Slack refused how entry {entries[0].entry_id} of the outbox was drawn, so it was sent more plainly:"
        f" {_format_code(flaw)}. Nobody missed it, and it stays in the outbox as sent; the log says more."
    )
    _notify_once_a_day(session, operator, entries, flaw, text, now)


def report_widespread_refusal(session: Session, operator: OperatorChannel, code: str, now: datetime) -> None:
    """Several workspaces refuse the bot at once, for one reason, which then is ours."""
    text = (
        f"Several workspaces refused the bot within minutes, each with {_format_code(code)}: that is most likely ours, such"
        " as a key, an address or an outage. Nothing is suspended for it; everything is tried again every 15 minutes."
        " `dlvm outbox` shows what waits."
    )
    operator.notify(session, BUG, f"many {_clean_code(code)} {now.date()}", text, now=now)


def _notify_once_a_day(
    session: Session, operator: OperatorChannel, entries: Sequence[OutboxEntry], code: str, text: str, now: datetime
) -> None:
    """Never of a word to the operator: that one could not be posted either."""
    if any(entry.reminder.kind is not MessageKind.OPERATOR_NOTE for entry in entries):
        once = " The same again today is not told."
        operator.notify(session, BUG, f"{_clean_code(code)} {now.date()}", text + once, now=now)


def _format_code(code: str) -> str:
    return f"`{_clean_code(code)}`"


def _clean_code(code: str) -> str:
    """An error as it may stand in a sentence and a key."""
    return "".join(c for c in code if c.isalnum() or c in "_- ")[:MAX_CODE_LENGTH]


QUARANTINE = "held"

MAX_SINGLE_NOTES = 8
"""Findings of one reading that each have a message with buttons; what is beyond them is told together."""


def notify_quarantined(
    session: Session, operator: OperatorChannel, entries: Sequence[QuarantineEntry], url: str, now: datetime
) -> None:
    """Tells what is held and was not before, in the transaction that stores it."""
    for one in entries[:MAX_SINGLE_NOTES]:
        operator.notify(
            session,
            QUARANTINE,
            str(one.entry_id),
            describe_entry(one),
            now=now,
            quarantine_entry_id=one.entry_id,
            url=url,
        )
    rest = entries[MAX_SINGLE_NOTES:]
    if rest:
        text = f"… and {len(rest)} more are held back of the same reading: `dlvm catalogue review` lists them."
        operator.notify(session, QUARANTINE, f"{rest[0].entry_id}-{rest[-1].entry_id}", text, now=now, url=url)


def redraw_vanished(session: Session, previous: Sequence[QuarantineEntry], now: datetime) -> None:
    """Has what waited and is no longer on the page drawn so."""
    for one in previous:
        found = quarantine.find(session, one.entry_id)
        if found is not None and found.resolution is Resolution.GONE:
            channel.redraw_messages(session, one.entry_id, now)


def describe_entry(entry: QuarantineEntry) -> str:
    """What is held back, and why."""
    return f"Held back of {get_entry_title(entry)}: {entry.reason}."


def get_entry_title(entry: QuarantineEntry) -> str:
    """What it is about: the whole page, or a cell of a row."""
    return (
        "the whole page"
        if entry.field == WHOLE_PAGE
        else f"{entry.family}, {FIELD_TITLES.get(entry.field, entry.field)}"
    )


STALE = "stale"

_RECOVERED = " over"
"""What the key of the good news has after that of the bad."""

_KeyedText = tuple[str, str]
"""The key of what is to be told, and its text."""


def check_freshness(database: Database, operator: OperatorChannel, now: datetime) -> bool:
    """Tells how old what is known is, where that is news; whether it was."""
    with database.read_only() as session:
        word = _find_freshness_notice(session, now)
    if word is None:
        return False
    key, text = word
    return database.run(lambda session: operator.notify(session, STALE, key, text, now=now))


def _find_freshness_notice(session: Session, now: datetime) -> _KeyedText | None:
    source, last = sources.find(session), operator_notes.find_latest(session, STALE)
    since = freshness.find_unverified_since(source.polling_since, source.last_good_at, now)
    if since is not None:
        key = since.isoformat()
        return None if last is not None and last.key == key else (key, _format_stale(source, since, now))
    if last is None or last.key.endswith(_RECOVERED) or source.last_good_at is None:
        return None
    began = datetime.fromisoformat(last.key)
    return (
        (f"{last.key}{_RECOVERED}", _format_recovered(began, source.last_good_at))
        if source.last_good_at > began
        else None
    )


def _format_stale(source: Source, since: datetime, now: datetime) -> str:
    why = f" The last attempt: {source.problem}." if source.problem else ""
    return (
        f"The page has had no good reading since {durations.format_date(since.date())}, {since:%H:%M} UTC"
        f" ({durations.format_distance(now.date(), since.date())}).{why} Answers and reminders say that their dates are not"
        " verified. `dlvm catalogue review` shows what is held back, `dlvm catalogue refresh` reads the page now."
    )


def _format_recovered(began: datetime, good_at: datetime) -> str:
    return (
        f"The page has a good reading again, of {durations.format_date(good_at.date())}, {good_at:%H:%M} UTC; it had"
        f" none since {durations.format_date(began.date())}, {began:%H:%M} UTC. Answers and reminders no longer say that"
        " their dates are not verified."
    )
