"""The cost of planning depends on what is due, not on the number of subscriptions."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.service.delivery.loop import DeliveryLoop
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage.database import Database
from tests import catalogue_fixture
from tests.scale.subscription_factories import SUBSCRIBED, fill
from tests.service.driver import SEED_READ_AT, Driver, open_driver, utc

pytestmark = pytest.mark.no_cover  # covered by other tests; measuring would double the time
DUE = utc("2027-01-13 09:00")


class StepCounter:
    """Count the steps of SQLite's virtual machine, in hundreds."""

    def __init__(self) -> None:
        self.hundreds = 0

    def __call__(self) -> int:
        self.hundreds += 1
        return 0


@pytest.fixture
def steps(sqlite_database: Database) -> Iterator[StepCounter]:
    """Count the steps of every statement of the test."""
    counter = StepCounter()

    def listen(connection: object, *_: object) -> None:
        connection.set_progress_handler(counter, 100)  # type: ignore[attr-defined] # a connection of sqlite3

    sa.event.listen(sqlite_database._engine, "checkout", listen)
    yield counter
    sa.event.remove(sqlite_database._engine, "checkout", listen)


def measure_steps(database: Database, channel_count: int, steps: StepCounter) -> tuple[int, int]:
    """Return the steps for planning the due reminders, and for an idle tick after it, in hundreds."""
    catalogue_fixture.fill(database, SEED_READ_AT)
    with database.transaction() as session:
        fill(session, channel_count)
    planner = Planner(database, SnapshotCache())
    planner.plan(utc("2027-01-12 09:00"))
    before = steps.hundreds
    assert planner.plan(DUE).written == SUBSCRIBED
    planned = steps.hundreds - before
    driver: Driver = open_driver(database)
    delivery: DeliveryLoop = driver.build_loop()
    delivery.tick(utc("2027-01-13 08:00"))
    before = steps.hundreds
    delivery.tick(utc("2027-01-13 08:30"))
    return planned, steps.hundreds - before


@pytest.mark.timeout(300)
def test_planning_cost_is_independent_of_subscriptions(
    request: pytest.FixtureRequest,
    sqlite_database: Database,
    steps: StepCounter,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    few, idle_few = measure_steps(sqlite_database, 10_000, steps)
    with sqlite_database.transaction() as session:
        for table in ("outbox", "subscription", "channel", "schedule"):
            session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - built from constants
    many, idle_many = measure_steps(sqlite_database, 1_000_000, steps)
    assert many <= 1.5 * few, f"{many:,} hundred steps instead of {few:,}"
    assert idle_many <= idle_few + 2
    assert idle_many <= 10
