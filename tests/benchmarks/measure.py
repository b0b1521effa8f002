"""Two sides measured in turns, and what was found: medians, the slowest hundredth, ratios."""

import gc
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

Side = Callable[[], Sequence[float]]
"""One round of one side: seconds of each call, or one figure such as requests per second."""


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of one side, round by round."""

    rounds: tuple[tuple[float, ...], ...]

    @property
    def figures(self) -> list[float]:
        return [figure for each in self.rounds for figure in each]

    @property
    def count(self) -> int:
        return len(self.figures)


def median(figures: Sequence[float]) -> float:
    return statistics.median(figures)


def p99(figures: Sequence[float]) -> float:
    """What ninety-nine of a hundred stay within."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def measure_alternately(rounds: Iterable[object], ours: Side, floor: Side) -> tuple[Series, Series]:
    """A B A B: what drifts on the machine falls on both.

    As in the running bot, what was made before is no longer looked through for garbage, on either side.
    """
    gc.freeze()
    found: tuple[list[tuple[float, ...]], list[tuple[float, ...]]] = ([], [])
    for _ in rounds:
        for figures, side in zip(found, (ours, floor), strict=True):
            figures.append(tuple(side()))
    return Series(tuple(found[0])), Series(tuple(found[1]))


def time_calls(
    calls: int, make: Callable[[], T], act: Callable[[T], R], check: Callable[[R], None]
) -> tuple[float, ...]:
    """Seconds of each call; what it is made from is made before, and what it gives is checked after."""
    made = [make() for _ in range(calls)]
    gc.collect()
    found = []
    for each in made:
        begun = perf_counter()
        given = act(each)
        found.append(perf_counter() - begun)
        check(given)
    return tuple(found)


def compute_ratios(
    ours: Series, floor: Series, statistic: Callable[[Sequence[float]], float]
) -> tuple[float, float, float]:
    """The median of the rounds' ratios (so that a busy moment says little), the lowest, and the highest."""
    single = [statistic(a) / statistic(b) for a, b in zip(ours.rounds, floor.rounds, strict=True)]
    return median(single), min(single), max(single)
