"""Planning costs what is due, not how many subscribe: counted in steps of the database's own machine."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.service.delivery.loop import Delivery
from bot.service.reminders.planning import Planning
from bot.service.versions.snapshot import KnownVersions
from storage.database import Database
from tests import catalogue_fixture
from tests.scale.subscription_factories import WATCHING, fill
from tests.service.driver import SEED_READ, Desk, at, opened

pytestmark = pytest.mark.no_cover  # measured elsewhere; coverage would double the time
DUE = at("2027-01-13 09:00")


class Steps:
    """Counts the steps of SQLite's virtual machine, in hundreds."""

    def __init__(self) -> None:
        self.hundreds = 0

    def __call__(self) -> int:
        self.hundreds += 1
        return 0


@pytest.fixture
def counted(sqlite_database: Database) -> Iterator[Steps]:
    """The steps of every statement from now on."""
    steps = Steps()

    def listen(connection: object, *_: object) -> None:
        connection.set_progress_handler(steps, 100)  # type: ignore[attr-defined] # sqlite3's

    sa.event.listen(sqlite_database._engine, "checkout", listen)
    yield steps
    sa.event.remove(sqlite_database._engine, "checkout", listen)


def cost(database: Database, many: int, steps: Steps) -> tuple[int, int]:
    """Steps for planning the thousand due, and for an idle tick after it."""
    catalogue_fixture.fill(database, SEED_READ)
    with database.transaction() as session:
        fill(session, many)
    planning = Planning(database, KnownVersions())
    planning.plan(at("2027-01-12 09:00"))
    before = steps.hundreds
    assert planning.plan(DUE).written == WATCHING
    planned = steps.hundreds - before
    desk: Desk = opened(database)
    delivery: Delivery = desk.delivery()
    delivery.tick(at("2027-01-13 08:00"))
    before = steps.hundreds
    delivery.tick(at("2027-01-13 08:30"))
    return planned, steps.hundreds - before


@pytest.mark.timeout(300)
def test_a_million_subscriptions_cost_what_ten_thousand_do(
    request: pytest.FixtureRequest, sqlite_database: Database, counted: Steps, tmp_path_factory: pytest.TempPathFactory
) -> None:
    few, idle_few = cost(sqlite_database, 10_000, counted)
    with sqlite_database.transaction() as session:
        for table in ("outbox", "subscription", "channel", "schedule"):
            session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
    many, idle_many = cost(sqlite_database, 1_000_000, counted)
    assert many <= 1.5 * few, f"{many} hundred steps against {few}"
    assert idle_many <= idle_few + 2
    assert idle_many <= 10
