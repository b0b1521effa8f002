"""The operator hears of what dlvm itself does wrong when it posts: once for each error and day."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.service.operator.channel import Operator
from storage.facts import Kind, OutboxEntry

TOPIC = "bug"

LONGEST_CODE = 60


def given_up(session: Session, whom: Operator, entries: Sequence[OutboxEntry], code: str, now: datetime) -> None:
    """Slack will not have it, and sending it again is useless."""
    number = entries[0].entry_id
    _tell(
        session,
        whom,
        entries,
        code,
        f"Slack refused entry {number} of the outbox as wrong, and it is given up: {_named(code)}."
        f" `dlvm outbox` shows it, and `dlvm outbox retry {number}` sends it again once the cause is mended.",
        now,
    )


def sent_plainly(session: Session, whom: Operator, entries: Sequence[OutboxEntry], flaw: str, now: datetime) -> None:
    """Slack did not take the message as it was drawn, but took it more plainly."""
    text = (
        f"Slack refused how entry {entries[0].entry_id} of the outbox was drawn, so it was sent more plainly:"
        f" {_named(flaw)}. Nobody missed it, and it stays in the outbox as sent; the log says more."
    )
    _tell(session, whom, entries, flaw, text, now)


def refused_by_many(session: Session, whom: Operator, code: str, now: datetime) -> None:
    """Several workspaces refuse the bot at once, for one reason, which then is ours."""
    text = (
        f"Several workspaces refused the bot within minutes, each with {_named(code)}: that is most likely ours, such"
        " as a key, an address or an outage. Nothing is suspended for it; everything is tried again every 15 minutes."
        " `dlvm outbox` shows what waits."
    )
    whom.tell(session, TOPIC, f"many {_code(code)} {now.date()}", text, now=now)


def _tell(
    session: Session, whom: Operator, entries: Sequence[OutboxEntry], code: str, text: str, now: datetime
) -> None:
    """Never of a word to the operator: that one could not be posted either."""
    if any(entry.reminder.kind is not Kind.OPERATOR for entry in entries):
        once = " The same again today is not told."
        whom.tell(session, TOPIC, f"{_code(code)} {now.date()}", text + once, now=now)


def _named(code: str) -> str:
    return f"`{_code(code)}`"


def _code(code: str) -> str:
    """An error as it may stand in a sentence and a key."""
    return "".join(c for c in code if c.isalnum() or c in "_- ")[:LONGEST_CODE]
