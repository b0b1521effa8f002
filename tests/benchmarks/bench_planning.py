"""Planning a day's reminders, and an idle tick, beside bare SQL on the same tables."""

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
from tests.benchmarks.measurement import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig
from tests.service.driver import RecordingSender, utc

DUE_AT = utc("2027-01-13 09:00")
PLANNED_THROUGH = DUE_AT - timedelta(days=1)
IDLE_AT = DUE_AT - timedelta(hours=1)

_RUNS_PER_ROUND = 5

_RESET_STATEMENTS = (
    sa.text("DELETE FROM outbox"),
    sa.text("UPDATE schedule SET planned_through = :before, next_plan_at = :due").bindparams(
        before=f"{PLANNED_THROUGH:%Y-%m-%d %H:%M:%S.000000}", due=f"{DUE_AT:%Y-%m-%d %H:%M:%S.000000}"
    ),
)
_STATEMENT = statements._PLAN.text
_ANY_DUE = sa.text("SELECT 1 FROM schedule WHERE next_plan_at <= :now LIMIT 1")


def measure_planning(rig: Rig) -> list[Row]:
    """Measure a constant number of due reminders among more and more subscriptions."""
    rows = []
    databases = {count: Database(rig.create_filled_database(count)) for count in rig.size.subscriptions}
    for count, database in databases.items():
        title = f"planning {rig.size.due_subscriptions:,} due among {count:,} subscriptions"
        with closing(_connect(database)) as connection:
            sides = measure_alternately(
                rig.track_rounds(title), _build_planner_side(rig, database), _build_bare_side(rig, database, connection)
            )
        rows.append(compare(f"planning-{count}", title, "the bare SQL statement, committed", sides, Target(2)))
    few, _, many = rig.size.subscriptions
    title, floor_title = f"planning among {many:,} subscriptions", f"planning among {few:,} subscriptions"
    flat = measure_alternately(
        rig.track_rounds(title), _build_planner_side(rig, databases[many]), _build_planner_side(rig, databases[few])
    )
    for database in databases.values():
        database.close()
    return [*rows, compare("flat", title, floor_title, flat, Target(1.5))]


def measure_idle_tick(rig: Rig) -> list[Row]:
    """Measure a tick when nothing is due."""
    count = rig.size.subscriptions[-1]
    database = Database(rig.create_filled_database(count))
    delivery = _build_delivery(database)
    _reset(database)
    delivery.tick(IDLE_AT)
    title = f"an idle tick, {count:,} subscriptions on SQLite"
    calls = rig.size.calls
    sides = measure_alternately(
        rig.track_rounds(title), _build_tick_side(delivery, calls), _build_query_side(database, calls)
    )
    database.close()
    return [compare("idle", title, "one indexed query by SQLAlchemy’s Core", sides, Target(3))]


def _build_planner_side(rig: Rig, database: Database) -> Side:
    planner = Planner(database, SnapshotCache())

    def run() -> float:
        _reset(database)
        started_at = perf_counter()
        written = planner.plan(DUE_AT).written
        seconds = perf_counter() - started_at
        _check(rig, written)
        return seconds

    run()
    return lambda: [run() for _ in range(_RUNS_PER_ROUND)]


def _build_bare_side(rig: Rig, database: Database, connection: sqlite3.Connection) -> Side:
    """Build a side that runs planning's main statement with sqlite3, and the settings that dlvm uses."""
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
            "due_at": f"{DUE_AT:%Y-%m-%d %H:%M:%S.000000}",
        }

    def run() -> float:
        connection.execute("DELETE FROM outbox")
        started_at = perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        written = connection.execute(_STATEMENT, values).rowcount
        connection.execute("COMMIT")
        seconds = perf_counter() - started_at
        _check(rig, written)
        return seconds

    run()
    return lambda: [run() for _ in range(_RUNS_PER_ROUND)]


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
    """Restore the state before the day was planned."""
    with database.transaction() as session:
        for statement in _RESET_STATEMENTS:
            session.execute(statement)


def _build_delivery(database: Database) -> DeliveryLoop:
    snapshots, sender = SnapshotCache(), RecordingSender()
    preparer = Preparer(snapshots, Schedule(), AmbiguityPolicy.RESEND)
    return DeliveryLoop(
        database,
        Planner(database, snapshots),
        preparer,
        Settler(Random(1)),
        (sender, sender),
        owner="bench",
        timer=SystemTimer(perf_counter),
    )


def _build_tick_side(delivery: DeliveryLoop, calls: int) -> Side:
    def check(result: TickResult) -> None:
        if result != TickResult():
            raise AssertionError(f"the tick isn't idle: {result}")

    return lambda: time_calls(calls, lambda: IDLE_AT, delivery.tick, check)


def _build_query_side(database: Database, calls: int) -> Side:
    """Build a side that runs one query on its own connection, as delivery does."""
    engine = database._engine

    def query(now: str) -> object:
        with engine.connect() as connection:
            return connection.execute(_ANY_DUE, {"now": now}).first()

    def check(row: object) -> None:
        if row is not None:
            raise AssertionError("something is due")

    return lambda: time_calls(calls, lambda: f"{IDLE_AT:%Y-%m-%d %H:%M:%S.000000}", query, check)
