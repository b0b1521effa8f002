"""Planning a day's reminders, and a tick that finds nothing: beside the bare statements on the same tables."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from random import Random
from time import perf_counter

import sqlalchemy as sa

from bot.policy.post_outcomes import OnAmbiguous
from bot.service.delivery.loop import Delivery, Tick
from bot.service.delivery.ports import RealWatch
from bot.service.delivery.prepare import Preparing
from bot.service.delivery.settle import Settling
from bot.service.reminders.planning import Planning
from bot.service.versions.snapshot import KnownVersions
from storage.database import Database
from storage.facts import Schedule
from storage.outbox import planning as statements
from tests.benchmarks.measure import Side, in_turns, timed
from tests.benchmarks.results import Row, Target, compared
from tests.benchmarks.rig import Rig
from tests.service.driver import RecordingSender, at

DUE = at("2027-01-13 09:00")
BEFORE = DUE - timedelta(days=1)
IDLE = DUE - timedelta(hours=1)

_DAYS = 5
"""The day is planned so often in a round."""

_AGAIN = (
    sa.text("DELETE FROM outbox"),
    sa.text("UPDATE schedule SET planned_through = :before, next_plan_at = :due").bindparams(
        before=f"{BEFORE:%Y-%m-%d %H:%M:%S.000000}", due=f"{DUE:%Y-%m-%d %H:%M:%S.000000}"
    ),
)
_STATEMENT = statements._NEW.format(where="c.schedule_id = :schedule_id")
_ANY_DUE = sa.text("SELECT 1 FROM schedule WHERE next_plan_at <= :now LIMIT 1")


def planning(rig: Rig) -> list[Row]:
    """So many due among ever more subscriptions."""
    rows = []
    databases = {many: Database(rig.filled(many)) for many in rig.size.subscriptions}
    for many, database in databases.items():
        what = f"planning {rig.size.watching:,} due among {many:,} subscriptions"
        with closing(_connected(database)) as connection:
            sides = in_turns(rig.turns(what), _planned(rig, database), _bare(rig, database, connection))
        rows.append(compared(f"planning-{many}", what, "the bare statement, committed", sides, Target(2)))
    few, _, many = rig.size.subscriptions
    what, against = f"planning among {many:,} subscriptions", f"the same among {few:,}"
    flat = in_turns(rig.turns(what), _planned(rig, databases[many]), _planned(rig, databases[few]))
    for database in databases.values():
        database.close()
    return [*rows, compared("flat", what, against, flat, Target(1.5))]


def idle(rig: Rig) -> list[Row]:
    """A tick when nothing is due."""
    many = rig.size.subscriptions[-1]
    database = Database(rig.filled(many))
    delivery = _delivery(database)
    _reset(database)
    delivery.tick(IDLE)
    what = f"an idle tick, {many:,} subscriptions on SQLite"
    calls = rig.size.calls
    sides = in_turns(rig.turns(what), _ticking(delivery, calls), _querying(database, calls))
    database.close()
    return [compared("idle", what, "one indexed query by SQLAlchemy’s Core", sides, Target(3))]


def _planned(rig: Rig, database: Database) -> Side:
    plans = Planning(database, KnownVersions())

    def run() -> float:
        _reset(database)
        begun = perf_counter()
        written = plans.plan(DUE).written
        took = perf_counter() - begun
        _check(rig, written)
        return took

    run()
    return lambda: [run() for _ in range(_DAYS)]


def _bare(rig: Rig, database: Database, connection: sqlite3.Connection) -> Side:
    """The statement that planning is about, by sqlite3 alone, with the same settings."""
    with database.reading() as session:
        values = {
            "schedule_id": session.execute(sa.text("SELECT max(id) FROM schedule")).scalar_one(),
            "product": "dlvm",
            "framework": "pytorch",
            "version": "pytorch-2.7",
            "milestone": "end_of_availability",
            "date": "2027-04-13",
            "rung": 90,
            "due_on": "2027-01-13",
            "due_at": f"{DUE:%Y-%m-%d %H:%M:%S.000000}",
        }

    def run() -> float:
        connection.execute("DELETE FROM outbox")
        begun = perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        written = connection.execute(_STATEMENT, values).rowcount
        connection.execute("COMMIT")
        took = perf_counter() - begun
        _check(rig, written)
        return took

    run()
    return lambda: [run() for _ in range(_DAYS)]


def _connected(database: Database) -> sqlite3.Connection:
    connection = sqlite3.connect(database.url_shown, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("SELECT count(*) FROM schedule").fetchall()
    return connection


def _check(rig: Rig, written: int) -> None:
    if written != rig.size.watching:
        raise AssertionError(f"{written} planned instead of {rig.size.watching}")


def _reset(database: Database) -> None:
    """As before the day's planning."""
    with database.transaction() as session:
        for statement in _AGAIN:
            session.execute(statement)


def _delivery(database: Database) -> Delivery:
    known, sender = KnownVersions(), RecordingSender()
    preparing = Preparing(known, Schedule(), OnAmbiguous.RESEND)
    return Delivery(
        database,
        Planning(database, known),
        preparing,
        Settling(Random(1)),
        (sender, sender),
        owner="bench",
        watch=RealWatch(perf_counter),
    )


def _ticking(delivery: Delivery, calls: int) -> Side:
    def check(done: Tick) -> None:
        if done != Tick():
            raise AssertionError(f"a tick that is not idle: {done}")

    return lambda: timed(calls, lambda: IDLE, delivery.tick, check)


def _querying(database: Database, calls: int) -> Side:
    """One query on a connection of its own, as delivery takes one."""
    engine = database._engine

    def query(now: str) -> object:
        with engine.connect() as connection:
            return connection.execute(_ANY_DUE, {"now": now}).first()

    def check(found: object) -> None:
        if found is not None:
            raise AssertionError("something is due")

    return lambda: timed(calls, lambda: f"{IDLE:%Y-%m-%d %H:%M:%S.000000}", query, check)
