"""Benchmarks run without errors, on a tiny scale. Their figures mean nothing here.

Only parts of those that start servers and workers are tested, because they take long. Run them with
`python -m tests.benchmarks --quick`.
"""

import gc
import logging
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer import Typer
from typer.testing import CliRunner

from storage.database import Database
from tests.benchmarks import (
    __main__,
    bench_outbox,
    bench_processes,
    load_generator,
    machine,
    outbox_worker,
    results,
)
from tests.benchmarks.measurement import Series, compute_ratios, p99
from tests.benchmarks.page import render_page
from tests.benchmarks.registry import BENCHMARKS, Benchmark
from tests.benchmarks.results import Results, Target, Unit, compare, format_figure
from tests.benchmarks.rig import TINY, Rig

pytestmark = pytest.mark.no_cover  # the bot's code is covered by other tests
MACHINE = {"machine": "2 cores"}
IN_PROCESS_BENCHMARKS = ("status", "subscriptions", "home", "help", "planning", "idle", "drawing", "reading")
SIDES = Series(((1.0, 3.0), (2.0,))), Series(((1.0,), (1.0,)))


class SilentProgress:
    def track(self, title: str, count: int) -> Iterator[int]:
        yield from range(count)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    gc.freeze()  # or each round would collect pytest's objects
    created = Rig(tmp_path_factory.mktemp("rig"), TINY, SilentProgress())
    yield created
    created.close()
    gc.unfreeze()


@pytest.mark.parametrize(
    "benchmark", [b for b in BENCHMARKS if b.name in IN_PROCESS_BENCHMARKS], ids=lambda benchmark: str(benchmark.name)
)
def test_every_row_is_on_the_page(rig: Rig, benchmark: Benchmark) -> None:
    rows = benchmark.run(rig)
    assert rows
    assert len({row.key for row in rows}) == len(rows)
    page = render_page(Results(MACHINE, {benchmark.name: rows}))
    assert all(f"| {row.title} | {row.floor_title} | {row.sample} | {row.dlvm} |" in page for row in rows)


@pytest.mark.parametrize("method", ["dlvm", "bare"])
def test_a_worker_settles_each_row_once(rig: Rig, method: str) -> None:
    url = rig.create_database(f"worker-{method}")
    database = Database(url)
    bench_outbox._reset(database, 30)
    outbox_worker.set_barrier(threading.Barrier(1))  # type: ignore[arg-type] # a threading barrier waits like that of processes
    assert outbox_worker.settle_backlog(method, url, 0).settled == 30
    with database.read_only() as session:
        states = session.execute(sa.text("SELECT state, attempt, count(*) FROM outbox GROUP BY 1, 2")).all()
    database.close()
    assert [tuple(row) for row in states] == [("sent", 1, 30)]


@pytest.fixture
def server_port() -> Iterator[int]:
    """Run a server that answers a constant on persistent connections."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FixedAnswerHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


class FixedAnswerHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200 if b"text=help" in body else 500)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"right")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def test_load_counts_correct_answers(server_port: int, tmp_path: Path) -> None:
    result = load_generator.run_exactly(server_port, "help", "right", connections=2, total=10)
    assert result.correct == 10
    assert 0 < result.median <= result.p99 <= result.seconds
    timed_result = load_generator.run(server_port, "help", "right", connections=2, seconds=0.1, folder=tmp_path)
    assert timed_result.correct > 0


@pytest.mark.parametrize(("text", "words"), [("help", "something else"), ("status", "right")])
def test_a_wrong_answer_is_an_error(server_port: int, text: str, words: str) -> None:
    with pytest.raises(AssertionError, match="wrong answer"):
        load_generator.run_exactly(server_port, text, words, connections=1, total=1)


def test_a_timed_process_must_print_the_words(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "print('imported')"]
    assert bench_processes._time_command(tmp_path, command, "imported")[0] > 0
    with pytest.raises(AssertionError, match="wrong answer"):
        bench_processes._time_command(tmp_path, command, "something else")


def test_a_ratio_comes_with_those_of_single_rounds() -> None:
    assert compute_ratios(*SIDES, max) == (2.5, 2.0, 3.0)
    row = compare("key", "title", "floor", SIDES, Target(2), statistic=p99)
    assert (row.ratio, row.spread, row.target, row.is_met) == ("2.50 ×", "2.00–3.00", "at most 2 ×", False)
    assert compare("key", "title", "floor", SIDES, Target(0.5, at_least=True)).is_met


def test_a_missed_target_is_explained() -> None:
    row = compare("key", "title", "floor", SIDES, Target(0.1))
    assert "title: 2.00 ×, at most 0.1 ×. Usually met" in render_page(Results(MACHINE, {"status": [row]}))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.000_051_4, Unit.SECONDS, "51.4 µs"),
        (0.001_69, Unit.SECONDS, "1.69 ms"),
        (1.9, Unit.SECONDS, "1.9 s"),
        (1_234.5, Unit.SECONDS, "1234 s"),
        (5e-9, Unit.SECONDS, "5 ns"),
        (4_036.2, Unit.PER_SECOND, "4,036 /s"),
        (85.72, Unit.MEGABYTES, "85.7 MB"),
    ],
)
def test_figures_have_three_digits(value: float, unit: Unit, text: str) -> None:
    assert format_figure(value, unit) == text


def test_results_of_another_machine_are_not_loaded(tmp_path: Path) -> None:
    stored = Results(MACHINE, {"status": [compare("key", "title", "floor", SIDES, Target(2))]})
    results.save(tmp_path / "results.json", stored)
    assert results.load(tmp_path / "results.json", MACHINE) == stored
    assert results.load(tmp_path / "results.json", {"machine": "64 cores"}).rows == {}


def test_running_one_benchmark_replaces_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "FULL", TINY)
    monkeypatch.setattr(logging, "disable", lambda _: None)
    other = compare("other", "unrelated row", "floor", SIDES, Target(2))
    __main__.write(tmp_path, Results(machine.describe_machine(), {"idle": [other], "help": [other]}))
    app = Typer()
    app.command()(__main__.main)
    result = CliRunner().invoke(app, ["--only", "help", "--folder", str(tmp_path)])
    assert result.exit_code == 0, result.output
    page = (tmp_path / "benchmarks.md").read_text()
    assert page.count("unrelated row") == 1
    assert "`/dlvm help`, in process" in page
    assert CliRunner().invoke(app, ["--only", "nothing"]).exit_code == 2
