"""The benchmarks, in the order of the page."""

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
class Benchmark:
    """A benchmark and the title of its unmeasured rows."""

    name: str
    title: str
    run: Callable[[Rig], list[Row]]


BENCHMARKS = (
    Benchmark("status", "a status in process", bench_commands.measure_status),
    Benchmark("http", "a status over HTTP", bench_http.measure_http),
    Benchmark("subscriptions", "a list of subscriptions", bench_commands.measure_subscriptions),
    Benchmark("home", "Home with many channels", bench_home.measure_home),
    Benchmark("help", "the help", bench_commands.measure_help),
    Benchmark("planning", "planning a day", bench_planning.measure_planning),
    Benchmark("idle", "an idle tick", bench_planning.measure_idle_tick),
    Benchmark("outbox", "claiming and settling", bench_outbox.measure_outbox),
    Benchmark("posting", "posting messages", bench_sender.measure_posting),
    Benchmark("drawing", "rendering a message", bench_render.measure_rendering),
    Benchmark("reading", "reading the docs page", bench_page.measure_page),
    Benchmark("start", "start and memory", bench_processes.measure_start),
    Benchmark("ask", "a question on the command line", bench_processes.measure_ask),
)
