"""Results of benchmarks, as the page shows them and as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.benchmarks.measurement import Series, compute_ratios, median

Statistic = Callable[[Sequence[float]], float]


class Unit(StrEnum):
    """The unit of a figure."""

    SECONDS = "s"
    PER_SECOND = "/s"
    MEGABYTES = "MB"


@dataclass(frozen=True, slots=True)
class Target:
    """The ratio to reach: at most, or at least."""

    ratio: float
    at_least: bool = False

    def is_met_by(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.ratio:g} ×"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page: a figure of dlvm beside its floor, and the target of their ratio."""

    key: str
    title: str
    floor_title: str
    sample: str
    dlvm: str
    floor: str
    ratio: str
    spread: str
    """Lowest and highest ratio of a round."""
    target: str
    is_met: bool


def compare(
    key: str,
    title: str,
    floor_title: str,
    sides: tuple[Series, Series],
    target: Target,
    *,
    statistic: Statistic = median,
    unit: Unit = Unit.SECONDS,
    sample: str = "",
) -> Row:
    """Build the row of two series, dlvm's and the floor's."""
    dlvm, floor = sides
    ratio, lowest, highest = compute_ratios(dlvm, floor, statistic)
    return Row(
        key=key,
        title=title,
        floor_title=floor_title,
        sample=sample or f"{dlvm.count:,} calls",
        dlvm=format_figure(statistic(dlvm.figures), unit),
        floor=format_figure(statistic(floor.figures), unit),
        ratio=f"{ratio:.2f} ×",
        spread=f"{lowest:.2f}–{highest:.2f}",
        target=str(target),
        is_met=target.is_met_by(ratio),
    )


def format_figure(value: float, unit: Unit) -> str:
    """Format a figure with three significant digits and a fitting unit."""
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
    """Rows by benchmark, all measured on one machine."""

    machine: dict[str, str]
    rows: dict[str, list[Row]]
    day: str = ""
    """Date of the newest rows (ISO 8601)."""

    def with_rows(self, name: str, rows: Sequence[Row], day: str = "") -> "Results":
        return Results(self.machine, {**self.rows, name: list(rows)}, day or self.day)


def load(path: Path, machine: dict[str, str]) -> Results:
    """Load stored results. Return none if the machine or the versions have changed."""
    if not path.exists():
        return Results(machine, {})
    stored: dict[str, Any] = json.loads(path.read_text())
    if stored["machine"] != machine:
        return Results(machine, {})
    rows = {name: [Row(**row) for row in rows] for name, rows in stored["rows"].items()}
    return Results(machine, rows, stored["day"])


def save(path: Path, results: Results) -> None:
    content = {
        "machine": results.machine,
        "day": results.day,
        "rows": {name: [asdict(row) for row in rows] for name, rows in results.rows.items()},
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
