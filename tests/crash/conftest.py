"""Databases in which twelve channels of three workspaces are due a reminder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bot.service import seeding
from storage import channels, schedules, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, Schedule, Subscription
from tests.crash.standin import RecordingSlack
from tests.postgres import TEMPLATE, address, administer
from tests.service.desk import SEED_READ, at

DUE = at("2027-01-13 09:00")
PLACES = tuple((f"T{team}", f"C{team}{number}") for team in range(3) for number in range(4))


def fill(url: str) -> None:
    """The catalogue, and the channels that watch PyTorch 2.7 since 1 December."""
    database = Database(url)
    seeding.load_bundled(database, SEED_READ)
    begun = at("2026-12-01 10:00")
    with database.transaction() as session:
        for workspace_id, channel_id in PLACES:
            channels.save(session, Channel(workspace_id, channel_id, Schedule()), begun)
            subscriptions.add(session, Subscription(workspace_id, channel_id, DLVM, "pytorch-2.7", "U1", begun))
        schedules.touch_all(session, begun)
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Gives the address of a new such database at each call, on each of the two engines in turn."""
    if request.param == "sqlite":
        template = tmp_path / "template.db"
        shutil.copy(request.getfixturevalue("migrated_file"), template)
        fill(f"sqlite:///{template}")
        yield lambda: f"sqlite:///{shutil.copy(template, tmp_path / f'{uuid4().hex}.db')}"
        return
    server: sa.URL = request.getfixturevalue("postgres_server")
    name = f"crash_{uuid4().hex}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    fill(address(server, name))
    made: list[str] = []

    def another() -> str:
        made.append(f"crash_{uuid4().hex}")
        administer(server, f"CREATE DATABASE {made[-1]} TEMPLATE {name}")
        return address(server, made[-1])

    yield another
    administer(server, *(f"DROP DATABASE {each} WITH (FORCE)" for each in (*made, name)))


@pytest.fixture
def slack() -> Iterator[RecordingSlack]:
    found = RecordingSlack(DUE.timestamp())
    found.start()
    yield found
    found.stop()
