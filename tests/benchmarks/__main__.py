"""`python -m tests.benchmarks`: measure, print the results, and write them to docs.

A missed target fails nothing. A wrong answer ends the run.
"""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.bootstrap.core import now
from tests.benchmarks import machine
from tests.benchmarks.page import render_page
from tests.benchmarks.registry import BENCHMARKS, Benchmark
from tests.benchmarks.results import Results, Row, load, save
from tests.benchmarks.rig import FULL, QUICK, Rig

DOCS = Path(__file__).parents[2] / "docs"
_BENCHMARKS_BY_NAME = {benchmark.name: benchmark for benchmark in BENCHMARKS}
_NAMES = ", ".join(_BENCHMARKS_BY_NAME)


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"Benchmark to run; can be repeated: {_NAMES}.")] = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Run less, and write nothing.")] = False,
    folder: Annotated[Path, typer.Option(help="Folder for the page and its data.")] = DOCS,
) -> None:
    """Measure dlvm beside bare floors."""
    unknown = [name for name in only or () if name not in _BENCHMARKS_BY_NAME]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} isn't one of {_NAMES}", param_hint="--only")
    logging.disable(logging.WARNING)
    console = Console()
    selected = [benchmark for name, benchmark in _BENCHMARKS_BY_NAME.items() if not only or name in only]
    results = load(folder / "benchmarks.json", machine.describe_machine())
    for name, rows in run_benchmarks(selected, console, quick=quick):
        console.print(build_table(rows))
        results = results.with_rows(name, rows, f"{now():%Y-%m-%d}")
        if not quick:
            write(folder, results)


def run_benchmarks(selected: list[Benchmark], console: Console, *, quick: bool) -> Iterator[tuple[str, list[Row]]]:
    """Run the benchmarks one after the other, with a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("all benchmarks", total=len(selected))
        rig = Rig(Path(folder), QUICK if quick else FULL, _ProgressBar(progress))
        try:
            for benchmark in selected:
                yield benchmark.name, benchmark.run(rig)
                progress.advance(task)
        finally:
            rig.close()


def build_table(rows: list[Row]) -> Table:
    table = Table("measured", "dlvm", "floor", "ratio", "target", "", show_edge=False)
    for row in rows:
        mark = "[green]met" if row.is_met else "[yellow]missed"
        table.add_row(row.title, row.dlvm, row.floor, f"{row.ratio} {row.spread}", row.target, mark)
    return table


def write(folder: Path, results: Results) -> None:
    """Write the page and its data."""
    save(folder / "benchmarks.json", results)
    (folder / "benchmarks.md").write_text(render_page(results))


class _ProgressBar:
    """A bar for each comparison."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def track(self, title: str, count: int) -> Iterator[int]:
        task = self._progress.add_task(title, total=count)
        for number in range(count):
            yield number
            self._progress.advance(task)
        self._progress.remove_task(task)


if __name__ == "__main__":
    typer.run(main)
