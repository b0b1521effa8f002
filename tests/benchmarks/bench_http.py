"""A status over HTTP: `dlvm run` as a process, beside bare Bolt with the same server."""

from contextlib import ExitStack

from tests.benchmarks import load_generator, servers
from tests.benchmarks.bare_bolt import CONSTANT_ANSWER
from tests.benchmarks.measurement import Series, Side, measure_alternately
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig

CONNECTIONS = 32
TEXT = "status pytorch-2.7"


def measure_http(rig: Rig) -> list[Row]:
    """Measure requests per second."""
    with ExitStack() as resources:
        url = rig.create_filled_database(rig.size.subscriptions[-1])
        _, port = resources.enter_context(
            servers.run_dlvm(rig.folder, url, resources.enter_context(servers.run_slack()))
        )
        floor = resources.enter_context(servers.run_bolt(rig.folder))
        default = resources.enter_context(servers.run_bolt(rig.folder, "default"))
        load_sides = _LoadSides(rig)
        for server_port, words in ((port, "PyTorch 2.7 is"), (floor, CONSTANT_ANSWER)):
            load_generator.run_exactly(server_port, TEXT, words, connections=CONNECTIONS, total=rig.size.warmup_calls)
        concurrent = measure_alternately(
            rig.track_rounds(f"over HTTP, {CONNECTIONS} connections"),
            load_sides.build_side(port, CONNECTIONS),
            load_sides.build_side(floor, CONNECTIONS, CONSTANT_ANSWER),
        )
        sequential = measure_alternately(
            rig.track_rounds("over HTTP, one connection"),
            load_sides.build_side(port, 1),
            load_sides.build_side(default, 1, CONSTANT_ANSWER),
        )
    title = "`/dlvm status pytorch-2.7` over HTTP, one worker"
    return [
        compare(
            "http",
            f"{title}, {CONNECTIONS} connections",
            "bare Bolt app behind the same endpoint and server",
            concurrent,
            Target(0.6, at_least=True),
            unit=Unit.PER_SECOND,
            sample=load_sides.describe_runs(concurrent),
        ),
        compare(
            "http-default",
            f"{title}, one connection",
            "Bolt’s default app, started as in its documentation",
            sequential,
            Target(20, at_least=True),
            unit=Unit.PER_SECOND,
            sample=load_sides.describe_runs(sequential),
        ),
    ]


class _LoadSides:
    """Sides that run the load generator."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def build_side(self, port: int, connections: int, words: str = "PyTorch 2.7 is") -> Side:
        """Build a side that returns the requests per second of one run."""
        size, folder = self._rig.size, self._rig.folder

        def run() -> tuple[float, ...]:
            result = load_generator.run(port, TEXT, words, connections=connections, seconds=size.seconds, folder=folder)
            return (result.per_second,)

        return run

    def describe_runs(self, sides: tuple[Series, Series]) -> str:
        return f"{sides[0].count} × {self._rig.size.seconds:g} s"
