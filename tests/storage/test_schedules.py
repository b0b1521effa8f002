from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from storage import schedules
from storage.database import Database
from storage.facts import Schedule
from tests.storage.factories import NOW, subscribe

MINUTE = timedelta(minutes=1)


def test_equal_schedules_share_a_row(database: Database) -> None:
    with database.transaction() as session:
        first = schedules.ensure_id(session, Schedule(), NOW)
        assert schedules.ensure_id(session, Schedule(), NOW + MINUTE) == first
        assert schedules.ensure_id(session, Schedule(zone="Asia/Taipei"), NOW) != first
        assert schedules.ensure_id(session, Schedule(days_off=()), NOW) != first


def test_a_new_schedule_is_due_at_once(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = schedules.ensure_id(session, Schedule(), NOW)
        (due,) = schedules.list_due(session, NOW)
    assert (due.schedule_id, due.schedule, due.planned_through) == (schedule_id, Schedule(), NOW)


@pytest.mark.parametrize(
    ("now", "expected"),
    [(NOW, 0), (NOW + 9 * MINUTE, 0), (NOW + 10 * MINUTE, 1), (NOW + timedelta(days=99), 1), (NOW - MINUTE, 1)],
)
def test_a_schedule_is_due_in_time_or_after_a_clock_change(database: Database, now: datetime, expected: int) -> None:
    with database.transaction() as session:
        schedule_id = schedules.ensure_id(session, Schedule(), NOW)
        schedules.update_planned(session, schedule_id, NOW, NOW + 10 * MINUTE)
        assert len(schedules.list_due(session, now)) == expected
        assert (schedules.lock_due(session, schedule_id, now) is not None) == bool(expected)


def test_a_schedule_without_rungs_is_due_only_if_marked(database: Database) -> None:
    with database.transaction() as session:
        schedule_id = schedules.ensure_id(session, Schedule(), NOW)
        schedules.update_planned(session, schedule_id, NOW, None)
        assert schedules.list_due(session, NOW + timedelta(days=3650)) == ()
        schedules.mark_all_due(session, NOW)
        assert [due.schedule_id for due in schedules.list_due(session, NOW)] == [schedule_id]


def test_an_unknown_schedule_is_not_locked(database: Database) -> None:
    with database.transaction() as session:
        assert schedules.lock_due(session, 404, NOW) is None


@pytest.mark.postgres
def test_two_planners_on_postgresql_lock_different_schedules(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.transaction() as session:
        schedule_id = schedules.ensure_id(session, Schedule(), NOW)
    with database.transaction() as first, database.transaction() as second:
        assert schedules.lock_due(first, schedule_id, NOW) is not None
        assert schedules.lock_due(second, schedule_id, NOW) is None
    database.close()


def test_has_due_uses_only_indexes(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        for hour in range(20):
            schedule_id = subscribe(session, f"C{hour}", schedule=replace(Schedule(), zone=f"Etc/GMT+{hour}"))
            schedules.update_planned(session, schedule_id, NOW, NOW + MINUTE)
    assert not schedules.has_due(sqlite_database, NOW)
    with sqlite_database.read_only() as session:
        rows = session.execute(sa.text(f"EXPLAIN QUERY PLAN {schedules._HAS_DUE.text}"), {"now": "2027"}).all()
    plans = [str(row) for row in rows if "SEARCH" in str(row) or "SCAN" in str(row)]
    assert len(plans) == 2
    assert all("USING" in plan and "INDEX" in plan for plan in plans), plans


@pytest.mark.parametrize(("minutes", "due"), [(-2, True), (-1, False), (0, False), (1, True)])
def test_has_due_is_true_in_time_or_after_a_clock_change(database: Database, minutes: int, *, due: bool) -> None:
    with database.transaction() as session:
        schedule_id = subscribe(session, schedule=Schedule())
        schedules.update_planned(session, schedule_id, NOW - MINUTE, NOW + MINUTE)
    assert schedules.has_due(database, NOW + minutes * MINUTE) is due


def test_marking_all_due_skips_the_past_unless_already_due(database: Database) -> None:
    with database.transaction() as session:
        idle, waiting = (schedules.ensure_id(session, Schedule(zone=zone), NOW) for zone in ("UTC", "Asia/Taipei"))
        schedules.update_planned(session, idle, NOW, NOW + 9 * MINUTE)
        schedules.update_planned(session, waiting, NOW, NOW + 2 * MINUTE)
        schedules.mark_all_due(session, NOW + 5 * MINUTE)
        planned = {due.schedule_id: due.planned_through for due in schedules.list_due(session, NOW + 5 * MINUTE)}
    assert planned == {idle: NOW + 5 * MINUTE, waiting: NOW}
