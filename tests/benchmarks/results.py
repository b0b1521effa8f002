"""What a benchmark found, as the page shows it and as it is kept beside the page."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Series, compute_ratios, median

Statistic = Callable[[Sequence[float]], float]


class Unit(StrEnum):
    """What a figure counts."""

    SECONDS = "s"
    PER_SECOND = "/s"
    MEGABYTES = "MB"


@dataclass(frozen=True, slots=True)
class Target:
    """What the ratio should be."""

    ratio: float
    at_least: bool = False

    def is_met_by(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.ratio:g} ×"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page: a figure of ours beside its floor, and what people think it should be."""

    key: str
    what: str
    against: str
    n: str
    ours: str
    floor: str
    ratio: str
    spread: str
    """The lowest and the highest ratio of a single round."""
    target: str
    met: bool


def compare(
    key: str,
    what: str,
    against: str,
    sides: tuple[Series, Series],
    target: Target,
    *,
    statistic: Statistic = median,
    unit: Unit = Unit.SECONDS,
    n: str = "",
) -> Row:
    """The row of two series: ours, and the floor's."""
    ours, floor = sides
    ratio, lowest, highest = compute_ratios(ours, floor, statistic)
    return Row(
        key=key,
        what=what,
        against=against,
        n=n or f"{ours.count:,} calls",
        ours=format_figure(statistic(ours.figures), unit),
        floor=format_figure(statistic(floor.figures), unit),
        ratio=f"{ratio:.2f} ×",
        spread=f"{lowest:.2f}–{highest:.2f}",
        target=str(target),
        met=target.is_met_by(ratio),
    )


def format_figure(value: float, unit: Unit) -> str:
    """Three digits that count, and a unit they are easy to read in."""
    match unit:
        case Unit.PER_SECOND:
            return f"{value:,.0f} /s"
        case Unit.MEGABYTES:
            return f"{value:.1f} MB"
        case Unit.SECONDS:
            for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
                if value * factor >= 1:
                    return f"{value * factor:.3g} {name}" if value * factor < 1000 else f"{value * factor:.0f} {name}"
            return f"{value * 1e9:.0f} ns"


@dataclass(frozen=True, slots=True)
class Results:
    """All that was measured on one machine, by benchmark."""

    machine: dict[str, str]
    rows: dict[str, list[Row]]
    day: str = ""
    """Of the newest rows, by ISO 8601."""

    def with_rows(self, name: str, rows: Sequence[Row], day: str = "") -> "Results":
        return Results(self.machine, {**self.rows, name: list(rows)}, day or self.day)


def load(path: Path, machine: dict[str, str]) -> Results:
    """What was kept; nothing where that was measured on another machine or with other versions."""
    if not path.exists():
        return Results(machine, {})
    kept: dict[str, Any] = json.loads(path.read_text())
    if kept["machine"] != machine:
        return Results(machine, {})
    rows = {name: [Row(**row) for row in rows] for name, rows in kept["rows"].items()}
    return Results(machine, rows, kept["day"])


def save(path: Path, results: Results) -> None:
    kept = {
        "machine": results.machine,
        "day": results.day,
        "rows": {name: [asdict(r) for r in rows] for name, rows in results.rows.items()},
    }
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
