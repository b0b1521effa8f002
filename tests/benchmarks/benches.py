"""Every benchmark by its name, in the order of the page; those that have nothing to measure yet, too."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks import (
    bench_commands,
    bench_drawing,
    bench_http,
    bench_outbox,
    bench_planning,
    bench_posting,
    bench_processes,
)
from tests.benchmarks.results import Row
from tests.benchmarks.rig import Rig


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark; without a run it is one that waits for what it would measure."""

    name: str
    title: str
    run: Callable[[Rig], list[Row]] | None = None


BENCHES = (
    Bench("status", "a status in process", bench_commands.status),
    Bench("http", "a status over HTTP", bench_http.http),
    Bench("subscriptions", "a list of subscriptions", bench_commands.subscriptions_),
    Bench("home", "Home of a person with 50 channels, at most 30 × the bare app"),
    Bench("help", "the help", bench_commands.help_),
    Bench("planning", "planning a day", bench_planning.planning),
    Bench("idle", "an idle tick", bench_planning.idle),
    Bench("outbox", "claiming and settling", bench_outbox.outbox),
    Bench("posting", "posting messages", bench_posting.posting),
    Bench("drawing", "drawing a message", bench_drawing.drawing),
    Bench("reading", "reading the docs page (52 rows), at most 3 × parsing its HTML alone"),
    Bench("start", "starting, and memory", bench_processes.start),
    Bench("ask", "a question in the terminal", bench_processes.ask),
)
"""In the order of the page. One that waits: write its function beside its like, and name it here."""
