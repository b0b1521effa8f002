"""Equipment of the benchmarks: sizes, databases and progress."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from bot.service.catalogue import bundled
from storage import migrations
from storage.database import Database
from tests import postgres
from tests.benchmarks import postgresql
from tests.scale.subscription_factories import fill
from tests.service.driver import SEED_READ_AT


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run measures."""

    rounds: int
    calls: int
    """Calls of each side in a round."""
    warmup_calls: int
    """Calls before the measurement."""
    subscriptions: tuple[int, int, int]
    due_subscriptions: int
    """Subscriptions with a reminder due on the planned day."""
    backlog: int
    """Reminders to claim and settle."""
    posts: int
    seconds: float
    """Duration of one run of the load generator."""
    starts: int
    """Processes started for each side."""
    commands: int
    """Commands between two readings of the memory."""


FULL = Size(7, 300, 100, (10_000, 100_000, 1_000_000), 1_000, 4_000, 2_000, 4.0, 15, 10_000)
QUICK = Size(5, 60, 20, (10_000, 100_000, 1_000_000), 1_000, 1_000, 400, 2.0, 5, 2_000)
TINY = Size(2, 2, 1, (20, 30, 40), 10, 40, 8, 0.1, 1, 20)
"""For the tests of the benchmarks."""


class Progress(Protocol):
    """Shows the progress of a benchmark."""

    def track(self, title: str, count: int) -> Iterator[int]:
        """Yield the numbers below `count`, and show the progress."""
        ...


class Rig:
    """The databases of a run. Each is created once."""

    def __init__(self, folder: Path, size: Size, progress: Progress) -> None:
        self.folder = folder
        self.size = size
        self._progress = progress
        self._resources = ExitStack()
        self._postgresql: sa.URL | None = None

    def track_rounds(self, title: str) -> Iterator[int]:
        """Yield the rounds of a comparison."""
        return self._progress.track(title, self.size.rounds)

    def track_starts(self, title: str) -> Iterator[int]:
        """Yield the rounds of a comparison of new processes."""
        return self._progress.track(title, self.size.starts)

    def create_database(self, name: str) -> str:
        """Return the URL of a new SQLite database that contains only the bundled catalogue."""
        template = self.folder / "template.db"
        if not template.exists():
            self._create_template(template)
        path = self.folder / f"{name}.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    def create_filled_database(self, subscription_count: int) -> str:
        """Return the URL of the SQLite database with this number of subscriptions."""
        path = self.folder / f"filled-{subscription_count}.db"
        if not path.exists():
            database = Database(self.create_database(f"filled-{subscription_count}"))
            with database.transaction() as session:
                session.execute(sa.text("PRAGMA cache_size = -400000"))
                fill(session, subscription_count, self.size.due_subscriptions)
            database.close()
        return f"sqlite:///{path}"

    def create_postgresql_database(self, name: str) -> str:
        """Return the URL of a new PostgreSQL database."""
        if self._postgresql is None:
            self._postgresql = self._resources.enter_context(postgresql.run_postgresql())
        postgres.execute(self._postgresql, f"CREATE DATABASE {name} TEMPLATE {postgresql.TEMPLATE}")
        return postgres.build_url(self._postgresql, name)

    def close(self) -> None:
        self._resources.close()

    def _create_template(self, path: Path) -> None:
        database = Database(f"sqlite:///{path}")
        migrations.migrate(database)
        bundled.load_bundled(database, SEED_READ_AT)
        database.close()
