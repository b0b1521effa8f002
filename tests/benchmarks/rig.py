"""What benchmarks are given: how much to do, databases to do it on, and somebody to tell how far they are."""

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
    """How much is measured."""

    rounds: int
    calls: int
    """Of each side in a round."""
    warmup_calls: int
    """Calls before anything is measured."""
    subscriptions: tuple[int, int, int]
    due_subscriptions: int
    """Of the subscriptions those that a day's reminders are due for."""
    backlog: int
    """Reminders to be claimed and settled."""
    posts: int
    seconds: float
    """Of one run of the load generator."""
    starts: int
    """Fresh processes of each side."""
    commands: int
    """Between two looks at the memory."""


FULL = Size(7, 300, 100, (10_000, 100_000, 1_000_000), 1_000, 4_000, 2_000, 4.0, 15, 10_000)
QUICK = Size(5, 60, 20, (10_000, 100_000, 1_000_000), 1_000, 1_000, 400, 2.0, 5, 2_000)
TINY = Size(2, 2, 1, (20, 30, 40), 10, 40, 8, 0.1, 1, 20)
"""For the test that every benchmark works."""


class Progress(Protocol):
    """Is told how far a benchmark is."""

    def track(self, what: str, count: int) -> Iterator[int]:
        """Counts, and tells of it."""
        ...


class Rig:
    """Makes each database once in a run."""

    def __init__(self, folder: Path, size: Size, progress: Progress) -> None:
        self.folder = folder
        self.size = size
        self._progress = progress
        self._ends = ExitStack()
        self._postgres: sa.URL | None = None

    def track_rounds(self, what: str) -> Iterator[int]:
        """The rounds of a comparison."""
        return self._progress.track(what, self.size.rounds)

    def track_starts(self, what: str) -> Iterator[int]:
        """The rounds of a comparison of fresh processes."""
        return self._progress.track(what, self.size.starts)

    def create_database(self, name: str) -> str:
        """The address of an SQLite database of its own, with the bundled catalogue and nothing else."""
        template = self.folder / "template.db"
        if not template.exists():
            self._create_template(template)
        path = self.folder / f"{name}.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    def create_filled_database(self, subscription_count: int) -> str:
        """The address of the SQLite database with so many subscriptions."""
        path = self.folder / f"filled-{subscription_count}.db"
        if not path.exists():
            database = Database(self.create_database(f"filled-{subscription_count}"))
            with database.transaction() as session:
                session.execute(sa.text("PRAGMA cache_size = -400000"))
                fill(session, subscription_count, self.size.due_subscriptions)
            database.close()
        return f"sqlite:///{path}"

    def create_postgresql_database(self, name: str) -> str:
        """The address of a database of its own on PostgreSQL, which writes to its disk as it does by default."""
        if self._postgres is None:
            self._postgres = self._ends.enter_context(postgresql.run_postgresql())
        postgres.execute(self._postgres, f"CREATE DATABASE {name} TEMPLATE {postgresql.TEMPLATE}")
        return postgres.build_url(self._postgres, name)

    def close(self) -> None:
        self._ends.close()

    def _create_template(self, path: Path) -> None:
        database = Database(f"sqlite:///{path}")
        migrations.migrate(database)
        bundled.load_bundled(database, SEED_READ_AT)
        database.close()
