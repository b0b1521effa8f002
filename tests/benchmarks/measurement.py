"""Measure two sides alternately, and compute medians, 99th percentiles and ratios."""

import gc
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

Side = Callable[[], Sequence[float]]
"""Runs one round of one side. Returns the seconds of each call, or one figure such as requests per second."""


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of one side, round by round."""

    rounds: tuple[tuple[float, ...], ...]

    @property
    def figures(self) -> list[float]:
        return [figure for figures in self.rounds for figure in figures]

    @property
    def count(self) -> int:
        return len(self.figures)


def median(figures: Sequence[float]) -> float:
    return statistics.median(figures)


def p99(figures: Sequence[float]) -> float:
    """Return the 99th percentile."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def measure_alternately(rounds: Iterable[object], dlvm: Side, floor: Side) -> tuple[Series, Series]:
    """Run both sides in each round, so that a drift of the machine affects both.

    As in the running bot, garbage collection skips the objects that exist at the start.
    """
    gc.freeze()
    dlvm_rounds: list[tuple[float, ...]] = []
    floor_rounds: list[tuple[float, ...]] = []
    for _ in rounds:
        dlvm_rounds.append(tuple(dlvm()))
        floor_rounds.append(tuple(floor()))
    return Series(tuple(dlvm_rounds)), Series(tuple(floor_rounds))


def time_calls(
    calls: int, make_input: Callable[[], T], call: Callable[[T], R], check: Callable[[R], None]
) -> tuple[float, ...]:
    """Return the seconds of each call. Inputs are made before, and results checked, outside the measured time."""
    inputs = [make_input() for _ in range(calls)]
    gc.collect()
    seconds = []
    for argument in inputs:
        started_at = perf_counter()
        result = call(argument)
        seconds.append(perf_counter() - started_at)
        check(result)
    return tuple(seconds)


def compute_ratios(
    dlvm: Series, floor: Series, statistic: Callable[[Sequence[float]], float]
) -> tuple[float, float, float]:
    """Return the median, lowest and highest ratio of a round. The median hides a busy moment."""
    ratios = [statistic(a) / statistic(b) for a, b in zip(dlvm.rounds, floor.rounds, strict=True)]
    return median(ratios), min(ratios), max(ratios)
