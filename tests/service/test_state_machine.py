"""Whatever people, Slack, clocks and processes do: each reminder once, none after it is moot, none missing."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from storage.database import Database
from tests.conftest import TEMPLATE
from tests.postgres import ReusableDatabase
from tests.service.state_machine import DeliveryMachine


def make_settings(number: int) -> settings:
    """The same lives in every run: their seed is derived from the machine's name."""
    return settings(
        derandomize=True,
        max_examples=number,
        stateful_step_count=25,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(600)  # forty lives are long on a machine with other work
@pytest.mark.no_cover  # measured elsewhere; coverage would double the time
def test_forty_lives_on_sqlite(migrated_file: Path, tmp_path: Path) -> None:
    class OnSqlite(DeliveryMachine):
        def opened(self) -> Database:
            path = tmp_path / "life.db"
            for old in tmp_path.glob("life.db*"):
                old.unlink()
            shutil.copy(migrated_file, path)
            return Database(f"sqlite:///{path}")

    run_state_machine_as_test(OnSqlite, settings=make_settings(40))


@pytest.mark.timeout(600)  # the same
@pytest.mark.no_cover  # the same
@pytest.mark.postgres
def test_ten_lives_on_postgresql(postgres_server: sa.URL) -> None:
    copy = ReusableDatabase(postgres_server, "life", TEMPLATE)

    class OnPostgresql(DeliveryMachine):
        def opened(self) -> Database:
            return Database(copy.reset())

    run_state_machine_as_test(OnPostgresql, settings=make_settings(10))
