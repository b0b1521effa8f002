"""Claiming and settling a backlog with one and four workers, beside the bare SQL of a queue."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing.synchronize import Barrier

import sqlalchemy as sa

from storage.database import Database
from storage.outbox.statements import DAY, INSTANT, bind_types
from tests.benchmarks import outbox_worker
from tests.benchmarks.measurement import Side, measure_alternately
from tests.benchmarks.outbox_worker import DUE_AT
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig
from tests.forkserver import get_context

WORKERS = (1, 4)
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CHANNELS = 50
"""Channels in each workspace, with one reminder each."""

_FILL = bind_types(
    """
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :many)
INSERT INTO outbox (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind,
                    subject, health, due_on, due_at, next_try_at, state, attempt, lookups, message_ts, error)
SELECT 'T' || (i / :channels), 'C' || i, 'dlvm', 'pytorch-2.7', 'end_of_availability', :day, 90, 'reminder',
       '', '', :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM n
""",
    day=DAY,
    due_on=DAY,
    due_at=INSTANT,
)


def measure_outbox(rig: Rig) -> list[Row]:
    """Measure both databases, with one worker and with four."""
    rows = []
    for engine, engine_name in ENGINES.items():
        url = rig.create_database("outbox") if engine == "sqlite" else rig.create_postgresql_database("outbox")
        database = Database(url)
        for workers in WORKERS:
            title = (
                f"claim and settle {rig.size.backlog:,} rows on {engine_name}, {workers} worker{'s' * (workers > 1)}"
            )
            with _start_pool(workers) as pool:
                dlvm, floor = (_build_side(rig, database, url, pool, workers, method) for method in ("dlvm", "bare"))
                sides = measure_alternately(rig.track_rounds(title), dlvm, floor)
            sample = f"{rig.size.rounds} × {rig.size.backlog:,} rows"
            floor_title = "bare SQL, 50 claimed at once, each settled on its own"
            target = Target(0.8, at_least=True)
            key = f"outbox-{engine}-{workers}"
            rows.append(compare(key, title, floor_title, sides, target, unit=Unit.PER_SECOND, sample=sample))
        database.close()
    return rows


@contextmanager
def _start_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    context = get_context()
    barrier: Barrier = context.Barrier(workers)
    with ProcessPoolExecutor(workers, context, outbox_worker.set_barrier, (barrier,)) as pool:
        yield pool


def _build_side(rig: Rig, database: Database, url: str, pool: ProcessPoolExecutor, workers: int, method: str) -> Side:
    def run() -> tuple[float, ...]:
        _reset(database, rig.size.backlog)
        futures = [pool.submit(outbox_worker.settle_backlog, method, url, number) for number in range(workers)]
        results = [future.result(timeout=120) for future in futures]
        settled = sum(result.settled for result in results)
        with database.read_only() as session:
            sent = session.execute(sa.text("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempt = 1")).scalar()
        if (settled, sent) != (rig.size.backlog, rig.size.backlog):
            raise AssertionError(f"{settled} settled and {sent} sent, of {rig.size.backlog}")
        return (settled / (max(result.ended_at for result in results) - min(result.started_at for result in results)),)

    return run


def _reset(database: Database, many: int) -> None:
    with database.transaction() as session:
        for table in ("outbox", "rate_limit"):
            session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - constant names
        session.execute(
            _FILL,
            {"many": many, "channels": CHANNELS, "day": date(2027, 4, 13), "due_on": DUE_AT.date(), "due_at": DUE_AT},
        )
