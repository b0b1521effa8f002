import re
import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from storage import outbox
from storage.database import Database
from storage.facts import OutboxState, PlanResult
from tests.storage.factories import BEFORE, NOW, claim, make_rung, make_schedule_at, plan_channels, subscribe

CHANNELS = 40


def test_a_rung_is_written_for_every_channel_of_the_schedule(database: Database) -> None:
    with database.transaction() as session:
        for channel in ("C1", "C2"):
            found = subscribe(session, channel)
        subscribe(session, "C3", schedule=make_schedule_at(17))
        assert outbox.plan(session, found, make_rung()) == PlanResult(written=2)
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
        assert outbox.list_for_channel(session, "T1", "C3") == ()
    assert (entry.state, entry.attempt, entry.delivery_id) == (OutboxState.PENDING, 0, "")
    assert (entry.due_at, entry.due_on) == (NOW, date(2027, 3, 17))
    assert (entry.reminder.version, entry.reminder.rung, entry.reminder.kind) == ("pytorch-2.7", 30, "reminder")


def test_planning_again_writes_nothing(database: Database) -> None:
    with database.transaction() as session:
        found = plan_channels(session, 3)
        assert outbox.plan(session, found, make_rung()) == PlanResult()
        assert outbox.count_by_state(session) == {OutboxState.PENDING: 3}


def test_a_channel_that_matches_in_three_ways_gets_one(database: Database) -> None:
    with database.transaction() as session:
        for target in ("pytorch-2.7", "pytorch", "all"):
            found = subscribe(session, target=target)
        assert outbox.plan(session, found, make_rung()) == PlanResult(written=1)


@pytest.mark.parametrize(
    ("target", "expected"), [("pytorch-2.7", 1), ("pytorch", 1), ("all", 1), ("pytorch-2.6", 0), ("tensorflow", 0)]
)
def test_only_who_watches_the_version_is_reminded(database: Database, target: str, expected: int) -> None:
    with database.transaction() as session:
        found = subscribe(session, target=target)
        assert outbox.plan(session, found, make_rung()).written == expected


@pytest.mark.parametrize(
    ("after", "expected"), [(timedelta(microseconds=-1), 1), (timedelta(0), 1), (timedelta(microseconds=1), 0)]
)
def test_a_moment_before_the_subscription_began_is_not_written(
    database: Database, after: timedelta, expected: int
) -> None:
    with database.transaction() as session:
        found = subscribe(session, at=NOW + after)
        assert outbox.plan(session, found, make_rung()).written == expected


def test_a_nearer_rung_supersedes_what_still_waits(database: Database) -> None:
    with database.transaction() as session:
        found = plan_channels(session, 2, days=90)
        assert outbox.plan(session, found, make_rung(30)) == PlanResult(written=2, superseded=2)
        states = {entry.reminder.rung: entry.state for entry in outbox.list_for_channel(session, "T1", "C0000")}
    assert states == {90: OutboxState.SUPERSEDED, 30: OutboxState.PENDING}


def test_passed_supersedes_the_last_day(database: Database) -> None:
    with database.transaction() as session:
        found = plan_channels(session, days=0)
        assert outbox.plan(session, found, make_rung(-1)) == PlanResult(written=1, superseded=1)


def test_what_is_sent_or_under_way_is_not_superseded(database: Database) -> None:
    with database.transaction() as session:
        found = plan_channels(session, 2, days=90)
        first, _ = claim(session)
        outbox.settle(session, first, state=OutboxState.SENT, now=NOW)
        assert outbox.plan(session, found, make_rung(30)) == PlanResult(written=2)
        assert outbox.count_by_state(session) == {OutboxState.SENT: 1, OutboxState.SENDING: 1, OutboxState.PENDING: 2}


def test_other_dates_and_versions_are_left_alone(database: Database) -> None:
    with database.transaction() as session:
        found = subscribe(session, target="all")
        outbox.plan(session, found, make_rung(90, on=date(2027, 5, 1)))
        outbox.plan(session, found, make_rung(90, version="pytorch-2.6"))
        assert outbox.plan(session, found, make_rung(30)) == PlanResult(written=1)
        assert outbox.count_by_state(session) == {OutboxState.PENDING: 3}


def test_a_superseded_reminder_comes_back(database: Database) -> None:
    later = NOW + timedelta(hours=1)
    with database.transaction() as session:
        found = plan_channels(session)
        assert outbox.supersede_versions(session, "T1", "C0000", "dlvm", ["pytorch-2.7"]) == 1
        assert claim(session) == ()
        assert outbox.plan(session, found, make_rung(at=later)) == PlanResult(written=1)
        assert claim(session) == ()
        (entry,) = claim(session, later)
    assert entry.due_at == later


def test_a_reminder_once_sent_is_never_planned_again(database: Database) -> None:
    with database.transaction() as session:
        found = plan_channels(session)
        (entry,) = claim(session)
        outbox.settle(session, entry, state=OutboxState.SENT, now=NOW)
        assert outbox.plan(session, found, make_rung()) == PlanResult()
        assert outbox.count_by_state(session) == {OutboxState.SENT: 1}


def test_one_channel_can_be_planned_alone(database: Database) -> None:
    with database.transaction() as session:
        subscribe(session, "C1")
        subscribe(session, "C2")
        subscribe(session, "C1", workspace="T2")
        assert outbox.plan_channel(session, "T1", "C1", make_rung()) == PlanResult(written=1)
        assert outbox.plan_channel(session, "T1", "C1", make_rung()) == PlanResult()
        assert len(outbox.list_for_channel(session, "T1", "C1")) == 1
        assert outbox.count_by_state(session) == {OutboxState.PENDING: 1}


def test_dropping_touches_one_channel_of_one_workspace(database: Database) -> None:
    with database.transaction() as session:
        for workspace, channel in (("T1", "C1"), ("T1", "C2"), ("T2", "C1")):
            found = subscribe(session, channel, workspace=workspace)
        outbox.plan(session, found, make_rung())
        assert outbox.supersede_versions(session, "T1", "C1", "dlvm", ["pytorch-2.7"]) == 1
        assert outbox.supersede_versions(session, "T1", "C2", "dlvm", []) == 0
        assert outbox.count_by_state(session) == {OutboxState.SUPERSEDED: 1, OutboxState.PENDING: 2}


def test_four_planners_at_once_write_each_reminder_once(database: Database) -> None:
    with database.transaction() as session:
        for number in range(CHANNELS):
            found = subscribe(session, f"C{number:04}", "all", at=BEFORE)
    written: list[int] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for days in (90, 60, 30):  # as the planner does it: what PostgreSQL breaks off for a deadlock is done again
            done = database.run(partial(outbox.plan, schedule_id=found, rung=make_rung(days)), wait=30.0)
            written.append(done.written)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written) == 12
    with database.read_only() as session:
        counts = outbox.count_by_state(session)
    assert sum(counts.values()) == 3 * CHANNELS
    assert counts[OutboxState.PENDING] >= CHANNELS


def test_planning_reads_subscriptions_by_the_covering_index(sqlite_database: Database) -> None:
    plans = _explained(sqlite_database, lambda: _plan_once(sqlite_database), "INSERT INTO outbox")
    assert any("COVERING INDEX ix_subscription_target" in plan for plan in plans), plans
    assert not any(plan.startswith("SCAN") for plan in plans), plans


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        ("WITH RECURSIVE waiting", "INDEX ix_outbox_turns"),
        ("WITH chosen", "INDEX ix_outbox_turns"),
        ("UPDATE outbox\n   SET unsure_since", "INTEGER PRIMARY KEY"),
    ],
)
def test_claiming_reads_the_backlog_by_its_index(sqlite_database: Database, statement: str, way: str) -> None:
    plans = _explained(sqlite_database, lambda: _claim_once(sqlite_database), statement)
    assert any(way in plan for plan in plans), plans
    assert not {plan for plan in plans if re.match(r"SCAN (o|outbox|pace)\b", plan)}, plans


def _plan_once(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session)


def _claim_once(database: Database) -> None:
    _plan_once(database)
    with database.transaction() as session:
        assert claim(session)


def _explained(database: Database, work: Callable[[], None], beginning: str) -> list[str]:
    """How SQLite carries out the statements of the work that begin so."""
    seen: list[tuple[str, Sequence[str | int]]] = []

    def note(_: object, __: object, statement: str, parameters: Sequence[str | int], *___: object) -> None:
        if statement.lstrip().startswith(beginning):
            seen.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    work()
    sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert seen
    with database.read_only() as session:
        driver = session.connection().connection.dbapi_connection
        assert driver is not None
        cursor = driver.cursor()
        plans = []
        for statement, parameters in seen:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [str(row[3]) for row in cursor.fetchall()]
    return plans
