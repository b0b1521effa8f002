"""Random runs of people, Slack, clocks and processes, checked against the reference model."""

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


def make_settings(run_count: int) -> settings:
    """Return settings for reproducible runs: the seed is derived from the machine's name."""
    return settings(
        derandomize=True,
        max_examples=run_count,
        stateful_step_count=25,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(600)  # 40 runs take long on a busy machine
@pytest.mark.no_cover  # other tests cover the code; coverage would double the time
def test_forty_random_runs_on_sqlite_match_the_model(migrated_file: Path, tmp_path: Path) -> None:
    class SqliteMachine(DeliveryMachine):
        def open_database(self) -> Database:
            path = tmp_path / "run.db"
            for old_file in tmp_path.glob("run.db*"):
                old_file.unlink()
            shutil.copy(migrated_file, path)
            return Database(f"sqlite:///{path}")

    run_state_machine_as_test(SqliteMachine, settings=make_settings(40))


@pytest.mark.timeout(600)  # 10 runs on PostgreSQL take long on a busy machine
@pytest.mark.no_cover  # other tests cover the code; coverage would double the time
@pytest.mark.postgres
def test_ten_random_runs_on_postgresql_match_the_model(postgres_server: sa.URL) -> None:
    reusable = ReusableDatabase(postgres_server, "run", TEMPLATE)

    class PostgresqlMachine(DeliveryMachine):
        def open_database(self) -> Database:
            return Database(reusable.reset())

    run_state_machine_as_test(PostgresqlMachine, settings=make_settings(10))
