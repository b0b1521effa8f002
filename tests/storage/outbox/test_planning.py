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


def test_a_rung_is_planned_for_every_channel_on_the_schedule(database: Database) -> None:
    with database.transaction() as session:
        for channel in ("C1", "C2"):
            schedule_id = subscribe(session, channel)
        subscribe(session, "C3", schedule=make_schedule_at(17))
        assert outbox.plan(session, schedule_id, make_rung()) == PlanResult(written=2)
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
        assert outbox.list_for_channel(session, "T1", "C3") == ()
    assert (entry.state, entry.attempt, entry.delivery_id) == (OutboxState.PENDING, 0, "")
    assert (entry.due_at, entry.due_on) == (NOW, date(2027, 3, 17))
    assert (entry.reminder.version, entry.reminder.rung, entry.reminder.kind) == ("pytorch-2.7", 30, "reminder")


def test_planning_twice_writes_nothing_more(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = plan_channels(session, 3)
        assert outbox.plan(session, schedule_id, make_rung()) == PlanResult()
        assert outbox.count_by_state(session) == {OutboxState.PENDING: 3}


def test_a_channel_with_three_matching_targets_gets_one_entry(database: Database) -> None:
    with database.transaction() as session:
        for target in ("pytorch-2.7", "pytorch", "all"):
            schedule_id = subscribe(session, target=target)
        assert outbox.plan(session, schedule_id, make_rung()) == PlanResult(written=1)


@pytest.mark.parametrize(
    ("target", "expected"), [("pytorch-2.7", 1), ("pytorch", 1), ("all", 1), ("pytorch-2.6", 0), ("tensorflow", 0)]
)
def test_only_subscribers_of_the_version_are_reminded(database: Database, target: str, expected: int) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, target=target)
        assert outbox.plan(session, schedule_id, make_rung()).written == expected


@pytest.mark.parametrize(
    ("after", "expected"), [(timedelta(microseconds=-1), 1), (timedelta(0), 1), (timedelta(microseconds=1), 0)]
)
def test_a_rung_due_before_the_subscription_is_not_planned(database: Database, after: timedelta, expected: int) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, at=NOW + after)
        assert outbox.plan(session, schedule_id, make_rung()).written == expected


def test_a_later_rung_supersedes_pending_earlier_ones(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = plan_channels(session, 2, days=90)
        assert outbox.plan(session, schedule_id, make_rung(30)) == PlanResult(written=2, superseded=2)
        states = {entry.reminder.rung: entry.state for entry in outbox.list_for_channel(session, "T1", "C0000")}
    assert states == {90: OutboxState.SUPERSEDED, 30: OutboxState.PENDING}


def test_the_day_after_supersedes_the_last_day(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = plan_channels(session, days=0)
        assert outbox.plan(session, schedule_id, make_rung(-1)) == PlanResult(written=1, superseded=1)


def test_sent_and_sending_entries_are_not_superseded(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = plan_channels(session, 2, days=90)
        first, _ = claim(session)
        outbox.settle(session, first, state=OutboxState.SENT, now=NOW)
        assert outbox.plan(session, schedule_id, make_rung(30)) == PlanResult(written=2)
        assert outbox.count_by_state(session) == {OutboxState.SENT: 1, OutboxState.SENDING: 1, OutboxState.PENDING: 2}


def test_other_dates_and_versions_are_not_superseded(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, target="all")
        outbox.plan(session, schedule_id, make_rung(90, on=date(2027, 5, 1)))
        outbox.plan(session, schedule_id, make_rung(90, version="pytorch-2.6"))
        assert outbox.plan(session, schedule_id, make_rung(30)) == PlanResult(written=1)
        assert outbox.count_by_state(session) == {OutboxState.PENDING: 3}


def test_a_superseded_reminder_becomes_pending_again(database: Database) -> None:
    later = NOW + timedelta(hours=1)
    with database.transaction() as session:
        schedule_id = plan_channels(session)
        assert outbox.supersede_versions(session, "T1", "C0000", "dlvm", ["pytorch-2.7"]) == 1
        assert claim(session) == ()
        assert outbox.plan(session, schedule_id, make_rung(at=later)) == PlanResult(written=1)
        assert claim(session) == ()
        (entry,) = claim(session, later)
    assert entry.due_at == later


def test_a_sent_reminder_is_not_planned_again(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = plan_channels(session)
        (entry,) = claim(session)
        outbox.settle(session, entry, state=OutboxState.SENT, now=NOW)
        assert outbox.plan(session, schedule_id, make_rung()) == PlanResult()
        assert outbox.count_by_state(session) == {OutboxState.SENT: 1}


def test_plan_channel_plans_only_that_channel(database: Database) -> None:
    with database.transaction() as session:
        subscribe(session, "C1")
        subscribe(session, "C2")
        subscribe(session, "C1", workspace="T2")
        assert outbox.plan_channel(session, "T1", "C1", make_rung()) == PlanResult(written=1)
        assert outbox.plan_channel(session, "T1", "C1", make_rung()) == PlanResult()
        assert len(outbox.list_for_channel(session, "T1", "C1")) == 1
        assert outbox.count_by_state(session) == {OutboxState.PENDING: 1}


def test_superseding_versions_is_limited_to_one_channel(database: Database) -> None:
    with database.transaction() as session:
        for workspace, channel in (("T1", "C1"), ("T1", "C2"), ("T2", "C1")):
            schedule_id = subscribe(session, channel, workspace=workspace)
        outbox.plan(session, schedule_id, make_rung())
        assert outbox.supersede_versions(session, "T1", "C1", "dlvm", ["pytorch-2.7"]) == 1
        assert outbox.supersede_versions(session, "T1", "C2", "dlvm", []) == 0
        assert outbox.count_by_state(session) == {OutboxState.SUPERSEDED: 1, OutboxState.PENDING: 2}


def test_four_concurrent_planners_write_each_reminder_once(database: Database) -> None:
    with database.transaction() as session:
        for number in range(CHANNELS):
            schedule_id = subscribe(session, f"C{number:04}", "all", at=BEFORE)
    written: list[int] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for days in (90, 60, 30):
            result = database.run(partial(outbox.plan, schedule_id=schedule_id, rung=make_rung(days)), wait=30.0)
            written.append(result.written)

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


def test_planning_uses_the_covering_index_of_subscriptions(sqlite_database: Database) -> None:
    plans = _explain(sqlite_database, lambda: _plan_once(sqlite_database), "INSERT INTO outbox")
    assert any("COVERING INDEX ix_subscription_target" in plan for plan in plans), plans
    assert not any(plan.startswith("SCAN") for plan in plans), plans


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("WITH RECURSIVE waiting", "INDEX ix_outbox_turns"),
        ("WITH chosen", "INDEX ix_outbox_turns"),
        ("UPDATE outbox\n   SET ambiguous_since", "INTEGER PRIMARY KEY"),
    ],
)
def test_claiming_uses_the_index_of_active_entries(sqlite_database: Database, statement: str, index: str) -> None:
    plans = _explain(sqlite_database, lambda: _claim_once(sqlite_database), statement)
    assert any(index in plan for plan in plans), plans
    assert not {plan for plan in plans if re.match(r"SCAN (o|outbox|rate_limit)\b", plan)}, plans


def _plan_once(database: Database) -> None:
    with database.transaction() as session:
        plan_channels(session)


def _claim_once(database: Database) -> None:
    _plan_once(database)
    with database.transaction() as session:
        assert claim(session)


def _explain(database: Database, work: Callable[[], None], prefix: str) -> list[str]:
    """Return SQLite's query plans for the statements of the work that start with the prefix."""
    statements: list[tuple[str, Sequence[str | int]]] = []

    def record(_: object, __: object, statement: str, parameters: Sequence[str | int], *___: object) -> None:
        if statement.lstrip().startswith(prefix):
            statements.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", record)
    work()
    sa.event.remove(sa.Engine, "before_cursor_execute", record)
    assert statements
    with database.read_only() as session:
        driver = session.connection().connection.dbapi_connection
        assert driver is not None
        cursor = driver.cursor()
        plans = []
        for statement, parameters in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [str(row[3]) for row in cursor.fetchall()]
    return plans
