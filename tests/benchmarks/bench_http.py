"""The same command over HTTP: `dlvm run` as its own process, beside Bolt alone on the same server."""

from contextlib import ExitStack

from tests.benchmarks import load, servers
from tests.benchmarks.bare import CONSTANT_ANSWER
from tests.benchmarks.measure import Series, Side, measure_alternately
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig

CONNECTIONS = 32
TEXT = "status pytorch-2.7"


def measure_http(rig: Rig) -> list[Row]:
    """Requests per second, and what they take."""
    with ExitStack() as ends:
        url = rig.create_filled_database(rig.size.subscriptions[-1])
        _, port = ends.enter_context(servers.run_dlvm(rig.folder, url, ends.enter_context(servers.run_slack())))
        floor = ends.enter_context(servers.run_bolt(rig.folder))
        default = ends.enter_context(servers.run_bolt(rig.folder, "default"))
        served = _LoadSides(rig)
        for each, words in ((port, "PyTorch 2.7 is"), (floor, CONSTANT_ANSWER)):
            load.run_exactly(each, TEXT, words, connections=CONNECTIONS, many=rig.size.warmup_calls)
        many = measure_alternately(
            rig.track_rounds(f"over HTTP, {CONNECTIONS} connections"),
            served.build_side(port, CONNECTIONS),
            served.build_side(floor, CONNECTIONS, CONSTANT_ANSWER),
        )
        one = measure_alternately(
            rig.track_rounds("over HTTP, one connection"),
            served.build_side(port, 1),
            served.build_side(default, 1, CONSTANT_ANSWER),
        )
    what = "the same over HTTP, one worker"
    return [
        compare(
            "http",
            f"{what}, {CONNECTIONS} connections",
            "bare Bolt app behind the same endpoint and server",
            many,
            Target(0.6, at_least=True),
            unit=Unit.PER_SECOND,
            n=served.describe_runs(many),
        ),
        compare(
            "http-default",
            f"{what}, one connection",
            "Bolt’s default app, started as its documentation does",
            one,
            Target(20, at_least=True),
            unit=Unit.PER_SECOND,
            n=served.describe_runs(one),
        ),
    ]


class _LoadSides:
    """Runs of load."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def build_side(self, port: int, connections: int, words: str = "PyTorch 2.7 is") -> Side:
        """Requests per second of one run."""
        size, folder = self._rig.size, self._rig.folder

        def run() -> tuple[float, ...]:
            found = load.run(port, TEXT, words, connections=connections, seconds=size.seconds, folder=folder)
            return (found.per_second,)

        return run

    def describe_runs(self, sides: tuple[Series, Series]) -> str:
        return f"{sides[0].count} × {self._rig.size.seconds:g} s"
