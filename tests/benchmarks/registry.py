"""Every benchmark by its name, in the order of the page."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks import (
    bench_commands,
    bench_home,
    bench_http,
    bench_outbox,
    bench_page,
    bench_planning,
    bench_processes,
    bench_render,
    bench_sender,
)
from tests.benchmarks.results import Row
from tests.benchmarks.rig import Rig


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark."""

    name: str
    title: str
    run: Callable[[Rig], list[Row]]


BENCHES = (
    Bench("status", "a status in process", bench_commands.status),
    Bench("http", "a status over HTTP", bench_http.http),
    Bench("subscriptions", "a list of subscriptions", bench_commands.subscriptions_),
    Bench("home", "Home of a person with many channels", bench_home.home),
    Bench("help", "the help", bench_commands.help_),
    Bench("planning", "planning a day", bench_planning.planning),
    Bench("idle", "an idle tick", bench_planning.idle),
    Bench("outbox", "claiming and settling", bench_outbox.outbox),
    Bench("posting", "posting messages", bench_sender.posting),
    Bench("drawing", "drawing a message", bench_render.drawing),
    Bench("reading", "reading the docs page", bench_page.reading),
    Bench("start", "starting, and memory", bench_processes.start),
    Bench("ask", "a question in the terminal", bench_processes.ask),
)
