"""Benchmarks that run in this process work, on a tiny scale: what is measured there means nothing.

Those that start servers and workers are tried by their parts: whole they take as long as all tests of a folder, and
`python -m tests.benchmarks --quick` runs them.
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
from tests.benchmarks import __main__ as running
from tests.benchmarks import bench_outbox, bench_processes, load, machine, outbox_worker, results
from tests.benchmarks.measure import Series, compute_ratios, p99
from tests.benchmarks.page import render_page
from tests.benchmarks.registry import BENCHMARKS, Benchmark
from tests.benchmarks.results import Results, Target, Unit, compare, format_figure
from tests.benchmarks.rig import TINY, Rig

pytestmark = pytest.mark.no_cover  # what it runs of the bot is measured elsewhere; here it is timed
MACHINE = {"machine": "2 cores"}
IN_PROCESS_BENCHMARKS = ("status", "subscriptions", "home", "help", "planning", "idle", "drawing", "reading")
SIDES = Series(((1.0, 3.0), (2.0,))), Series(((1.0,), (1.0,)))


class SilentProgress:
    def track(self, what: str, count: int) -> Iterator[int]:
        yield from range(count)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    gc.freeze()  # or each round would look through all that pytest holds
    made = Rig(tmp_path_factory.mktemp("rig"), TINY, SilentProgress())
    yield made
    made.close()
    gc.unfreeze()


@pytest.mark.parametrize(
    "bench", [bench for bench in BENCHMARKS if bench.name in IN_PROCESS_BENCHMARKS], ids=lambda bench: str(bench.name)
)
def test_each_gives_rows_that_the_page_shows(rig: Rig, bench: Benchmark) -> None:
    rows = bench.run(rig)
    assert rows
    assert len({row.key for row in rows}) == len(rows)
    shown = render_page(Results(MACHINE, {bench.name: rows}))
    assert all(f"| {row.what} | {row.against} | {row.n} | {row.ours} |" in shown for row in rows)


@pytest.mark.parametrize("way", ["dlvm", "bare"])
def test_a_worker_settles_each_row_once(rig: Rig, way: str) -> None:
    url = rig.create_database(f"worked-{way}")
    database = Database(url)
    bench_outbox._reset(database, 30)
    outbox_worker.set_barrier(threading.Barrier(1))  # type: ignore[arg-type] # waits as one of processes does
    assert outbox_worker.settle_backlog(way, url, 0).settled == 30
    with database.read_only() as session:
        states = session.execute(sa.text("SELECT state, attempt, count(*) FROM outbox GROUP BY 1, 2")).all()
    database.close()
    assert [tuple(row) for row in states] == [("sent", 1, 30)]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[int]:
    """The port of a server that answers everything alike, on connections that it keeps."""
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
        said = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200 if b"text=help" in said else 500)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"right")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_load_counts_what_was_answered_right(answering: int, tmp_path: Path) -> None:
    found = load.run_exactly(answering, "help", "right", connections=2, many=10)
    assert found.correct == 10
    assert 0 < found.median <= found.p99 <= found.seconds
    some = load.run(answering, "help", "right", connections=2, seconds=0.1, folder=tmp_path)
    assert some.correct > 0


@pytest.mark.parametrize(("text", "words"), [("help", "something else"), ("status", "right")])
def test_a_wrong_answer_fails(answering: int, text: str, words: str) -> None:
    with pytest.raises(AssertionError, match="wrong answer"):
        load.run_exactly(answering, text, words, connections=1, many=1)


def test_a_process_is_timed_whole_and_its_words_are_looked_at(tmp_path: Path) -> None:
    said = [sys.executable, "-S", "-c", "print('imported')"]
    assert bench_processes._time_command(tmp_path, said, "imported")[0] > 0
    with pytest.raises(AssertionError, match="wrong answer"):
        bench_processes._time_command(tmp_path, said, "something else")


def test_a_ratio_comes_with_the_least_and_the_most_of_a_round() -> None:
    assert compute_ratios(*SIDES, max) == (2.5, 2.0, 3.0)
    row = compare("key", "what", "floor", SIDES, Target(2), statistic=p99)
    assert (row.ratio, row.spread, row.target, row.met) == ("2.50 ×", "2.00–3.00", "at most 2 ×", False)
    assert compare("key", "what", "floor", SIDES, Target(0.5, at_least=True)).met


def test_a_miss_says_what_it_is_made_of() -> None:
    row = compare("key", "what", "floor", SIDES, Target(0.1))
    assert "what: 2.00 ×, at most 0.1 ×. Met in other runs" in render_page(Results(MACHINE, {"status": [row]}))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
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
def test_figures_have_three_digits(value: float, unit: Unit, words: str) -> None:
    assert format_figure(value, unit) == words


def test_rows_measured_elsewhere_are_not_mixed_in(tmp_path: Path) -> None:
    kept = Results(MACHINE, {"status": [compare("key", "what", "floor", SIDES, Target(2))]})
    results.save(tmp_path / "kept.json", kept)
    assert results.load(tmp_path / "kept.json", MACHINE) == kept
    assert results.load(tmp_path / "kept.json", {"machine": "64 cores"}).rows == {}


def test_one_can_be_run_again_and_takes_the_place_of_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "FULL", TINY)
    monkeypatch.setattr(logging, "disable", lambda _: None)
    other = compare("other", "what stays", "floor", SIDES, Target(2))
    running.write(tmp_path, Results(machine.describe_machine(), {"idle": [other], "help": [other]}))
    app = Typer()
    app.command()(running.main)
    done = CliRunner().invoke(app, ["--only", "help", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    written = (tmp_path / "benchmarks.md").read_text()
    assert written.count("what stays") == 1
    assert "`/dlvm help`, in process" in written
    assert CliRunner().invoke(app, ["--only", "nothing"]).exit_code == 2
