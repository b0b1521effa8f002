"""Planning costs what is due, not how many subscribe: counted in steps of the database's own machine."""

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

pytestmark = pytest.mark.no_cover  # measured elsewhere; coverage would double the time
DUE = utc("2027-01-13 09:00")


class StepCounter:
    """Counts the steps of SQLite's virtual machine, in hundreds."""

    def __init__(self) -> None:
        self.hundreds = 0

    def __call__(self) -> int:
        self.hundreds += 1
        return 0


@pytest.fixture
def counted(sqlite_database: Database) -> Iterator[StepCounter]:
    """The steps of every statement from now on."""
    steps = StepCounter()

    def listen(connection: object, *_: object) -> None:
        connection.set_progress_handler(steps, 100)  # type: ignore[attr-defined] # sqlite3's

    sa.event.listen(sqlite_database._engine, "checkout", listen)
    yield steps
    sa.event.remove(sqlite_database._engine, "checkout", listen)


def measure_steps(database: Database, many: int, steps: StepCounter) -> tuple[int, int]:
    """Steps for planning the thousand due, and for an idle tick after it."""
    catalogue_fixture.fill(database, SEED_READ_AT)
    with database.transaction() as session:
        fill(session, many)
    planning = Planner(database, SnapshotCache())
    planning.plan(utc("2027-01-12 09:00"))
    before = steps.hundreds
    assert planning.plan(DUE).written == SUBSCRIBED
    planned = steps.hundreds - before
    desk: Driver = open_driver(database)
    delivery: DeliveryLoop = desk.build_loop()
    delivery.tick(utc("2027-01-13 08:00"))
    before = steps.hundreds
    delivery.tick(utc("2027-01-13 08:30"))
    return planned, steps.hundreds - before


@pytest.mark.timeout(300)
def test_a_million_subscriptions_cost_what_ten_thousand_do(
    request: pytest.FixtureRequest,
    sqlite_database: Database,
    counted: StepCounter,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    few, idle_few = measure_steps(sqlite_database, 10_000, counted)
    with sqlite_database.transaction() as session:
        for table in ("outbox", "subscription", "channel", "schedule"):
            session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
    many, idle_many = measure_steps(sqlite_database, 1_000_000, counted)
    assert many <= 1.5 * few, f"{many} hundred steps against {few}"
    assert idle_many <= idle_few + 2
    assert idle_many <= 10
