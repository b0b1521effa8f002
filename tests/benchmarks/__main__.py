"""`python -m tests.benchmarks`: measures, shows what was found, and writes it down.

A ratio fails nothing; a wrong answer ends the run.
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
_BENCHMARKS_BY_NAME = {bench.name: bench for bench in BENCHMARKS}


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One or several of {', '.join(_BENCHMARKS_BY_NAME)}.")] = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="A shorter run that is shown, and written nowhere.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the page and what it is made from are written.")] = DOCS,
) -> None:
    """Measure dlvm beside bare floors."""
    unknown = [name for name in only or () if name not in _BENCHMARKS_BY_NAME]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(_BENCHMARKS_BY_NAME)}", param_hint="--only")
    logging.disable(logging.WARNING)
    console = Console()
    chosen = [bench for name, bench in _BENCHMARKS_BY_NAME.items() if name in (only or _BENCHMARKS_BY_NAME)]
    kept = folder / "benchmarks.json"
    results = load(kept, machine.describe_machine())
    for name, rows in run_benchmarks(chosen, console, quick=quick):
        console.print(build_table(rows))
        results = results.with_rows(name, rows, f"{now():%Y-%m-%d}")
        if not quick:
            write(folder, results)


def run_benchmarks(chosen: list[Benchmark], console: Console, *, quick: bool) -> Iterator[tuple[str, list[Row]]]:
    """Runs one after the other, under a bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar, tempfile.TemporaryDirectory() as folder:
        whole = bar.add_task("all benchmarks", total=len(chosen))
        rig = Rig(Path(folder), QUICK if quick else FULL, _ProgressBar(bar))
        try:
            for bench in chosen:
                yield bench.name, bench.run(rig)
                bar.advance(whole)
        finally:
            rig.close()


def build_table(rows: list[Row]) -> Table:
    table = Table("what", "dlvm", "floor", "ratio", "target", "", show_edge=False)
    for row in rows:
        mark = "[green]met" if row.met else "[yellow]missed"
        table.add_row(row.what, row.ours, row.floor, f"{row.ratio} {row.spread}", row.target, mark)
    return table


def write(folder: Path, results: Results) -> None:
    """The page, and beside it what it is made from."""
    save(folder / "benchmarks.json", results)
    (folder / "benchmarks.md").write_text(render_page(results))


class _ProgressBar:
    """A bar for each comparison."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar

    def track(self, what: str, count: int) -> Iterator[int]:
        task = self._bar.add_task(what, total=count)
        for turn in range(count):
            yield turn
            self._bar.advance(task)
        self._bar.remove_task(task)


if __name__ == "__main__":
    typer.run(main)
