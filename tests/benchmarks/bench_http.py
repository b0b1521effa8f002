"""The same command over HTTP: `dlvm run` as its own process, beside Bolt alone on the same server."""

from contextlib import ExitStack

from tests.benchmarks import load, servers
from tests.benchmarks.bare import CONSTANT
from tests.benchmarks.measure import Series, Side, in_turns
from tests.benchmarks.results import Row, Target, Unit, compared
from tests.benchmarks.rig import Rig

CONNECTIONS = 32
TEXT = "status pytorch-2.7"


def http(rig: Rig) -> list[Row]:
    """Requests per second, and what they take."""
    with ExitStack() as ends:
        url = rig.filled(rig.size.subscriptions[-1])
        _, port = ends.enter_context(servers.dlvm(rig.folder, url, ends.enter_context(servers.slack())))
        floor = ends.enter_context(servers.bolt(rig.folder))
        default = ends.enter_context(servers.bolt(rig.folder, "default"))
        served = _Served(rig)
        for each, words in ((port, "PyTorch 2.7 is"), (floor, CONSTANT)):
            load.exactly(each, TEXT, words, connections=CONNECTIONS, many=rig.size.warm)
        many = in_turns(
            rig.turns(f"over HTTP, {CONNECTIONS} connections"),
            served.by(port, CONNECTIONS),
            served.by(floor, CONNECTIONS, CONSTANT),
        )
        one = in_turns(rig.turns("over HTTP, one connection"), served.by(port, 1), served.by(default, 1, CONSTANT))
    what = "the same over HTTP, one worker"
    return [
        compared(
            "http",
            f"{what}, {CONNECTIONS} connections",
            "bare Bolt app behind the same endpoint and server",
            many,
            Target(0.6, at_least=True),
            unit=Unit.PER_SECOND,
            n=served.n(many),
        ),
        compared(
            "http-default",
            f"{what}, one connection",
            "Bolt’s default app, started as its documentation does",
            one,
            Target(20, at_least=True),
            unit=Unit.PER_SECOND,
            n=served.n(one),
        ),
    ]


class _Served:
    """Runs of load."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def by(self, port: int, connections: int, words: str = "PyTorch 2.7 is") -> Side:
        """Requests per second of one run."""
        size, folder = self._rig.size, self._rig.folder

        def run() -> tuple[float, ...]:
            found = load.run(port, TEXT, words, connections=connections, seconds=size.seconds, folder=folder)
            return (found.per_second,)

        return run

    def n(self, sides: tuple[Series, Series]) -> str:
        return f"{sides[0].n} × {self._rig.size.seconds:g} s"
