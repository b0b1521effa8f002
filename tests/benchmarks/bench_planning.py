"""Planning a day's reminders, and a tick that finds nothing: beside the bare statements on the same tables."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from random import Random
from time import perf_counter

import sqlalchemy as sa

from bot.policy.post_outcomes import AmbiguityPolicy
from bot.service.delivery.loop import DeliveryLoop, TickResult
from bot.service.delivery.ports import SystemTimer
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage.database import Database
from storage.facts import Schedule
from storage.outbox import planning as statements
from tests.benchmarks.measure import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig
from tests.service.driver import RecordingSender, utc

DUE = utc("2027-01-13 09:00")
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
_STATEMENT = statements._PLAN.text
_ANY_DUE = sa.text("SELECT 1 FROM schedule WHERE next_plan_at <= :now LIMIT 1")


def measure_planning(rig: Rig) -> list[Row]:
    """So many due among ever more subscriptions."""
    rows = []
    databases = {many: Database(rig.create_filled_database(many)) for many in rig.size.subscriptions}
    for many, database in databases.items():
        what = f"planning {rig.size.due_subscriptions:,} due among {many:,} subscriptions"
        with closing(_connect(database)) as connection:
            sides = measure_alternately(
                rig.track_rounds(what), _build_planner_side(rig, database), _build_bare_side(rig, database, connection)
            )
        rows.append(compare(f"planning-{many}", what, "the bare statement, committed", sides, Target(2)))
    few, _, many = rig.size.subscriptions
    what, against = f"planning among {many:,} subscriptions", f"the same among {few:,}"
    flat = measure_alternately(
        rig.track_rounds(what), _build_planner_side(rig, databases[many]), _build_planner_side(rig, databases[few])
    )
    for database in databases.values():
        database.close()
    return [*rows, compare("flat", what, against, flat, Target(1.5))]


def measure_idle_tick(rig: Rig) -> list[Row]:
    """A tick when nothing is due."""
    many = rig.size.subscriptions[-1]
    database = Database(rig.create_filled_database(many))
    delivery = _build_delivery(database)
    _reset(database)
    delivery.tick(IDLE)
    what = f"an idle tick, {many:,} subscriptions on SQLite"
    calls = rig.size.calls
    sides = measure_alternately(
        rig.track_rounds(what), _build_tick_side(delivery, calls), _build_query_side(database, calls)
    )
    database.close()
    return [compare("idle", what, "one indexed query by SQLAlchemy’s Core", sides, Target(3))]


def _build_planner_side(rig: Rig, database: Database) -> Side:
    plans = Planner(database, SnapshotCache())

    def run() -> float:
        _reset(database)
        begun = perf_counter()
        written = plans.plan(DUE).written
        took = perf_counter() - begun
        _check(rig, written)
        return took

    run()
    return lambda: [run() for _ in range(_DAYS)]


def _build_bare_side(rig: Rig, database: Database, connection: sqlite3.Connection) -> Side:
    """The statement that planning is about, by sqlite3 alone, with the same settings."""
    with database.read_only() as session:
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


def _connect(database: Database) -> sqlite3.Connection:
    connection = sqlite3.connect(database.display_url, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("SELECT count(*) FROM schedule").fetchall()
    return connection


def _check(rig: Rig, written: int) -> None:
    if written != rig.size.due_subscriptions:
        raise AssertionError(f"{written} planned instead of {rig.size.due_subscriptions}")


def _reset(database: Database) -> None:
    """As before the day's planning."""
    with database.transaction() as session:
        for statement in _AGAIN:
            session.execute(statement)


def _build_delivery(database: Database) -> DeliveryLoop:
    known, sender = SnapshotCache(), RecordingSender()
    preparing = Preparer(known, Schedule(), AmbiguityPolicy.RESEND)
    return DeliveryLoop(
        database,
        Planner(database, known),
        preparing,
        Settler(Random(1)),
        (sender, sender),
        owner="bench",
        timer=SystemTimer(perf_counter),
    )


def _build_tick_side(delivery: DeliveryLoop, calls: int) -> Side:
    def check(done: TickResult) -> None:
        if done != TickResult():
            raise AssertionError(f"a tick that is not idle: {done}")

    return lambda: time_calls(calls, lambda: IDLE, delivery.tick, check)


def _build_query_side(database: Database, calls: int) -> Side:
    """One query on a connection of its own, as delivery takes one."""
    engine = database._engine

    def query(now: str) -> object:
        with engine.connect() as connection:
            return connection.execute(_ANY_DUE, {"now": now}).first()

    def check(found: object) -> None:
        if found is not None:
            raise AssertionError("something is due")

    return lambda: time_calls(calls, lambda: f"{IDLE:%Y-%m-%d %H:%M:%S.000000}", query, check)
