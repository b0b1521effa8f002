"""A worker process that settles the backlog, with dlvm or with the bare SQL of a queue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from multiprocessing.synchronize import Barrier
from random import Random
from time import monotonic

import sqlalchemy as sa

from bot.policy.post_outcomes import Accepted
from bot.service.delivery.settle import Settler
from storage import outbox
from storage.database import Database
from storage.facts import OutboxEntry
from tests.service.driver import utc

DUE_AT = utc("2027-01-13 10:00")
LEASE = timedelta(days=1)
PACING_STEP = timedelta(seconds=2)
"""Time after which the rate limits allow another message. The worker advances its own clock by it at each claim."""

BATCH = 50

_CLAIM = """
WITH picked AS MATERIALIZED (SELECT id FROM outbox WHERE state IN ('pending', 'sending', 'ambiguous')
                             AND next_try_at <= :now AND (state <> 'sending' OR lease_until < :now)
                             ORDER BY next_try_at, id LIMIT :n {lock})
UPDATE outbox SET state = 'sending', attempt = attempt + 1, owner = :me, lease_until = :until, next_try_at = :until
 WHERE id IN (SELECT id FROM picked) RETURNING id, attempt
"""
_SETTLE = """
UPDATE outbox SET state = 'sent', message_ts = :ts, next_try_at = :now, owner = NULL, lease_until = NULL
 WHERE id = :id AND state = 'sending' AND owner = :me AND attempt = :attempt
"""


@dataclass(frozen=True, slots=True)
class WorkResult:
    """Rows settled by a worker, and its start and end on the machine's monotonic clock."""

    settled: int
    started_at: float
    ended_at: float


_barrier: list[Barrier] = []


def set_barrier(barrier: Barrier) -> None:
    """Set the barrier at which workers wait for each other before a round."""
    _barrier[:] = [barrier]


def settle_backlog(method: str, url: str, number: int) -> WorkResult:
    """Claim and settle until nothing is due."""
    database = Database(url, busy_timeout=30)
    methods: dict[str, Callable[[Database, str], int]] = {"dlvm": _settle_with_dlvm, "bare": _settle_with_statements}
    with database.read_only() as session:
        outbox.has_due_in_session(session, DUE_AT)
    _barrier[0].wait(60)
    started_at = monotonic()
    settled = methods[method](database, f"worker-{number}")
    ended_at = monotonic()
    database.close()
    return WorkResult(settled, started_at, ended_at)


def _settle_with_dlvm(database: Database, owner: str) -> int:
    """Claim and settle as the delivery loop does, without sending."""
    settler, now, settled = Settler(Random(1)), DUE_AT, 0
    while True:
        batch = database.run(lambda session: outbox.claim(session, now, owner, now + LEASE, BATCH))  # noqa: B023 - called immediately
        for _, group in groupby(batch, key=_get_channel_key):
            entries = list(group)
            states = settler.settle_in_transaction(database, entries, Accepted("1.0"), now)
            settled += sum(state is not None for state in states)
        if not batch and not _is_any_due(database, now):
            return settled
        now += PACING_STEP


def _is_any_due(database: Database, now: datetime) -> bool:
    with database.read_only() as session:
        return outbox.has_due_in_session(session, now)


def _get_channel_key(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id


def _settle_with_statements(database: Database, owner: str) -> int:
    """Claim with one SQL statement and settle with another, each committed."""
    connection = database._engine.raw_connection()
    claim = _compile(database, _CLAIM.format(lock="" if database.dialect == "sqlite" else "FOR UPDATE SKIP LOCKED"))
    settle = _compile(database, _SETTLE)
    begin = "BEGIN IMMEDIATE" if database.dialect == "sqlite" else "BEGIN"
    parameters = {
        "now": _format_instant(database, DUE_AT),
        "until": _format_instant(database, DUE_AT + LEASE),
        "me": owner,
        "ts": "1.0",
    }
    cursor, settled = connection.cursor(), 0
    while True:
        cursor.execute(begin)
        cursor.execute(claim, {**parameters, "n": BATCH})
        claimed = cursor.fetchall()
        cursor.execute("COMMIT")
        if not claimed:
            connection.close()
            return settled
        for entry_id, attempt in claimed:
            cursor.execute(begin)
            cursor.execute(settle, {**parameters, "id": entry_id, "attempt": attempt})
            settled += cursor.rowcount
            cursor.execute("COMMIT")


def _compile(database: Database, statement: str) -> str:
    """Convert the statement's parameters for the driver."""
    if database.dialect == "sqlite":
        return statement
    return str(sa.text(statement).compile(dialect=database._engine.dialect)).replace("::", "")


def _format_instant(database: Database, moment: datetime) -> object:
    return f"{moment:%Y-%m-%d %H:%M:%S.000000}" if database.dialect == "sqlite" else moment
