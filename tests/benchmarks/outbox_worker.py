"""What a worker does with the backlog, in a process of its own: dlvm's way, and the bare statements of a queue."""

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

DUE = utc("2027-01-13 10:00")
LEASE = timedelta(days=1)
PACING_STEP = timedelta(seconds=2)
"""After it every workspace has its turn again; the worker's clock is its own and goes on with each claim."""

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
    """How many rows a worker settled, and from when to when by the machine's monotonic clock."""

    settled: int
    started_at: float
    ended_at: float


_barrier: list[Barrier] = []


def set_barrier(barrier: Barrier) -> None:
    """Where the workers wait for each other before each round."""
    _barrier[:] = [barrier]


def settle_backlog(method: str, url: str, number: int) -> WorkResult:
    """Claims and settles until nothing is left."""
    database = Database(url, busy_timeout=30)
    ways: dict[str, Callable[[Database, str], int]] = {"dlvm": _settle_with_dlvm, "bare": _settle_with_statements}
    with database.read_only() as session:
        outbox.has_due_in_session(session, DUE)
    _barrier[0].wait(60)
    begun = monotonic()
    settled = ways[method](database, f"worker-{number}")
    ended = monotonic()
    database.close()
    return WorkResult(settled, begun, ended)


def _settle_with_dlvm(database: Database, owner: str) -> int:
    """As the delivery loop does it, but that there is nothing between the claim and the answer."""
    settling, now, settled = Settler(Random(1)), DUE, 0
    while True:
        batch = database.run(lambda session: outbox.claim(session, now, owner, now + LEASE, BATCH))  # noqa: B023 - called at once
        for _, group in groupby(batch, key=_get_channel_key):
            entries = list(group)
            states = settling.settle_in_transaction(database, entries, Accepted("1.0"), now)
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
    """By the driver alone: one statement claims, one settles, each committed."""
    raw = database._engine.raw_connection()
    claim = _compile(database, _CLAIM.format(lock="" if database.dialect == "sqlite" else "FOR UPDATE SKIP LOCKED"))
    settle = _compile(database, _SETTLE)
    begin = "BEGIN IMMEDIATE" if database.dialect == "sqlite" else "BEGIN"
    same = {
        "now": _format_instant(database, DUE),
        "until": _format_instant(database, DUE + LEASE),
        "me": owner,
        "ts": "1.0",
    }
    cursor, settled = raw.cursor(), 0
    while True:
        cursor.execute(begin)
        cursor.execute(claim, {**same, "n": BATCH})
        taken = cursor.fetchall()
        cursor.execute("COMMIT")
        if not taken:
            raw.close()
            return settled
        for entry_id, attempt in taken:
            cursor.execute(begin)
            cursor.execute(settle, {**same, "id": entry_id, "attempt": attempt})
            settled += cursor.rowcount
            cursor.execute("COMMIT")


def _compile(database: Database, statement: str) -> str:
    """With the names of values as the driver wants them."""
    if database.dialect == "sqlite":
        return statement
    return str(sa.text(statement).compile(dialect=database._engine.dialect)).replace("::", "")


def _format_instant(database: Database, moment: datetime) -> object:
    return f"{moment:%Y-%m-%d %H:%M:%S.000000}" if database.dialect == "sqlite" else moment
