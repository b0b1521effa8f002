"""The page that a run writes: rows with their ratios, the cost of missed targets, the method and the machine."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from tests.benchmarks.costs import COSTS
from tests.benchmarks.registry import BENCHMARKS
from tests.benchmarks.results import Results, Row

_INTRODUCTION = """\
# Benchmarks

Written by `make bench`; don't edit it. dlvm is measured beside a bare floor **in the same run**, alternating (A B A B),
so that a drift of the machine affects both. Compare ratios, not figures. A missed target fails nothing. A wrong answer
fails the run: status and body of every answer are checked.

"""

_TABLE_HEADER = """\
| measured | floor | sample | dlvm | floor | ratio (rounds) | target | |
|---|---|---|---|---|---|---|---|
"""

_METHOD = """\
## Method

- Figures are medians over all rounds, unless they say p99. Rates are the median of the rounds. A ratio is the median of
  the rounds' ratios, with the lowest and the highest one.
- Each request is signed before the measurement. In process, the measurement is from the raw request to the response of
  Bolt's dispatcher. Over HTTP, only dlvm has the guard in front of it.
- The bare Bolt app has one listener that answers a constant. It authorizes without asking Slack, as dlvm does. Slack's
  part in an answer is left out.
- Each side has its own database file on the same disk, in WAL mode with full syncs. PostgreSQL has its defaults.
- The subscriptions are spread over 500 workspaces. A thousand channels subscribe to the measured version, whose
  reminders are due. The others subscribe to a version whose dates have passed.
- The floor of claiming and settling is one statement that takes 50 rows, and one that settles a row, each committed.
  dlvm also keeps the rate limits of workspaces and channels, and the health of channels.
- One person sends thousands of commands a second here. The rate limits are raised, but requests are still counted.
- New processes start with warm file caches and compiled bytecode. The start to the first answer is that of
  `dlvm run --only web`. The modules that post messages and read pages are imported at the first tick that needs them,
  and take 150 ms and 12 MB more.
- As in the running bot, garbage collection skips the objects that exist before the measurement, on both sides.
- Messages are handed to the sender as delivery does, a new one whenever one completes. Both sides' connections are
  open.

Run it with `make bench`. Run one benchmark with `.venv/bin/python -m tests.benchmarks --only status`, which replaces
its rows on this page. `--quick` runs less, and writes nothing.
"""


def render_page(results: Results) -> str:
    """Render the page as Markdown."""
    measured = [row for benchmark in BENCHMARKS for row in results.rows.get(benchmark.name, ())]
    pending = [benchmark.title for benchmark in BENCHMARKS if benchmark.name not in results.rows]
    parts = [
        _INTRODUCTION,
        _TABLE_HEADER,
        *map(_render_row, measured),
        "\n",
        *_render_pending(pending),
        *_render_missed(measured),
        _METHOD,
    ]
    return "".join([*parts, *_render_machine(results)])


def _render_row(row: Row) -> str:
    ratio = f"**{row.ratio}** ({row.spread})" if row.spread else f"**{row.ratio}**"
    verdict = "met" if row.is_met else "missed"
    cells = (row.title, row.floor_title, row.sample, row.dlvm, row.floor, ratio, row.target, verdict)
    return f"| {' | '.join(cells)} |\n"


def _render_pending(titles: Sequence[str]) -> Iterable[str]:
    if titles:
        yield "Not measured yet:\n\n"
        yield from (f"- {title}\n" for title in titles)
        yield "\n"


def _render_missed(rows: Sequence[Row]) -> Iterable[str]:
    """Render the cost of missed targets, if there are any."""
    missed = [row for row in rows if not row.is_met]
    if missed:
        yield "## Missed targets\n\n"
        for cost, group in groupby(missed, key=lambda row: COSTS.get(row.key, _UNKNOWN_COST)):
            yield f"- {'; '.join(f'{row.title}: {row.ratio}, {row.target}' for row in group)}. {cost}\n"
        yield "\n"


_UNKNOWN_COST = "Usually met: the machine was busy, or a change needs profiling."


def _render_machine(results: Results) -> Iterable[str]:
    yield "\n## Machine\n\n"
    yield from (f"- {name}: {description}\n" for name, description in results.machine.items())
    yield f"- measured on: {results.day}\n" if results.day else ""
