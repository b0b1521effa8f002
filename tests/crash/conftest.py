"""Databases in which a reminder is due in twelve channels of three workspaces."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from storage import channels, schedules, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, Schedule, Subscription
from tests import catalogue_fixture
from tests.conftest import TEMPLATE
from tests.crash.recording_slack import RecordingSlack
from tests.postgres import ReusableDatabase, build_url, execute
from tests.service.driver import SEED_READ_AT, utc

DUE = utc("2027-01-13 09:00")
CHANNELS = tuple((f"T{team}", f"C{team}{number}") for team in range(3) for number in range(4))


def fill(url: str) -> None:
    """Store the catalogue, and channels subscribed to PyTorch 2.7 since 1 December."""
    database = Database(url)
    catalogue_fixture.fill(database, SEED_READ_AT)
    subscribed_at = utc("2026-12-01 10:00")
    with database.transaction() as session:
        for workspace_id, channel_id in CHANNELS:
            channels.save(session, Channel(workspace_id, channel_id, Schedule()), subscribed_at)
            subscriptions.add(session, Subscription(workspace_id, channel_id, DLVM, "pytorch-2.7", "U1", subscribed_at))
        schedules.mark_all_due(session, subscribed_at)
    database.close()


@pytest.fixture(scope="session")
def filled_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a filled SQLite file for tests to copy."""
    path = tmp_path_factory.mktemp("crash") / "template.db"
    shutil.copy(migrated_file, path)
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def filled_copy(postgres_server: sa.URL) -> ReusableDatabase:
    """Create a filled PostgreSQL database that can be reset."""
    execute(postgres_server, f"CREATE DATABASE crash_template TEMPLATE {TEMPLATE}")
    fill(build_url(postgres_server, "crash_template"))
    return ReusableDatabase(postgres_server, "crash", "crash_template")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return a function that returns the URL of a newly filled database, on SQLite and on PostgreSQL."""
    if request.param == "postgresql":
        copy: ReusableDatabase = request.getfixturevalue("filled_copy")
        return copy.reset
    file: Path = request.getfixturevalue("filled_file")
    return lambda: f"sqlite:///{shutil.copy(file, tmp_path / f'{uuid4().hex}.db')}"


@pytest.fixture
def slack() -> Iterator[RecordingSlack]:
    server = RecordingSlack(DUE.timestamp())
    server.start()
    yield server
    server.stop()
