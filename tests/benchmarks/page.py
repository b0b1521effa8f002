"""The page that a run writes: every row with its ratio, the machine, and what the cost of a miss is made of."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from tests.benchmarks.costs import COSTS
from tests.benchmarks.registry import BENCHMARKS
from tests.benchmarks.results import Results, Row

_INTRODUCTION = """\
# Benchmarks

Written by `make bench`; not by hand. dlvm is measured beside a bare floor **in the same run**, in turns (A B A B), so
that what drifts on the machine falls on both: read the ratios, not the figures. A ratio fails nothing: people judge it.
A wrong answer fails the run: every answer is looked at, status and body.

"""

_TABLE_HEADER = """\
| what | against | n | dlvm | floor | ratio (of single rounds) | target | |
|---|---|---|---|---|---|---|---|
"""

_METHOD = """\
## How it is measured

- Figures are medians over all rounds unless they say p99; rates are the median of the rounds. A ratio is the median of
  the rounds' own ratios, beside the lowest and the highest of them.
- Requests are signed before the clock runs, each one anew; in process the clock runs from the raw request to the
  response of Bolt's dispatcher, over HTTP the guard in front of it is on dlvm's side only.
- The bare Bolt app has one listener that answers a constant, and authorizes without asking Slack, as dlvm does. What
  dlvm would ask Slack for an answer is left out.
- Both sides use a database file of their own on the same disk, in WAL mode with full syncs; PostgreSQL is as it comes.
- The subscriptions are spread over 500 workspaces; a thousand channels watch the version that is asked for and due,
  all others one whose dates are behind.
- The floors of claiming and settling are one statement that takes fifty rows, and one that settles a row, each
  committed; dlvm's way besides keeps every workspace's and channel's pace, and the channel's health.
- One person asks thousands of times a second here: how much a person and a workspace may ask is set beyond reach, and
  counted as ever.
- Fresh processes start with warm file caches, and find compiled what they import. The one that is measured until its
  first answer answers and does not tick, as `dlvm run --only web`: what posts and reads pages comes with the first tick
  that needs it, and takes 150 ms and 12 MB more.
- As in the running bot, what was made before the clock runs is no longer looked through for garbage, on either side.
- Messages are handed to the sender as delivery does it, as many as there is room for; both sides' connections are open.

Run it with `make bench`; one benchmark with `.venv/bin/python -m tests.benchmarks --only status`, whose rows then take
the place of the earlier ones in this page; `--quick` shows a shorter run and writes nothing.
"""


def render_page(results: Results) -> str:
    """All of it, in Markdown."""
    measured = [row for bench in BENCHMARKS for row in results.rows.get(bench.name, ())]
    waiting = [bench.title for bench in BENCHMARKS if bench.name not in results.rows]
    parts = [
        _INTRODUCTION,
        _TABLE_HEADER,
        *map(_render_row, measured),
        "\n",
        *_render_pending(waiting),
        *_render_missed(measured),
        _METHOD,
    ]
    return "".join([*parts, *_render_machine(results)])


def _render_row(row: Row) -> str:
    ratio = f"**{row.ratio}** ({row.spread})" if row.spread else f"**{row.ratio}**"
    cells = (row.what, row.against, row.n, row.ours, row.floor, ratio, row.target, "met" if row.met else "missed")
    return f"| {' | '.join(cells)} |\n"


def _render_pending(titles: Sequence[str]) -> Iterable[str]:
    if titles:
        yield "Not measured yet:\n\n"
        yield from (f"- {title}\n" for title in titles)
        yield "\n"


def _render_missed(rows: Sequence[Row]) -> Iterable[str]:
    """What each miss is made of; nothing where all targets are met."""
    missed = [row for row in rows if not row.met]
    if missed:
        yield "## What is missed, and what the cost is made of\n\n"
        for cost, alike in groupby(missed, key=lambda row: COSTS.get(row.key, _UNKNOWN_COST)):
            yield f"- {'; '.join(f'{row.what}: {row.ratio}, {row.target}' for row in alike)}. {cost}\n"
        yield "\n"


_UNKNOWN_COST = "Met in other runs: a busy machine, or something new that wants a profiler."


def _render_machine(results: Results) -> Iterable[str]:
    yield "\n## The machine\n\n"
    yield from (f"- {name}: {words}\n" for name, words in results.machine.items())
    yield f"- measured on: {results.day}\n" if results.day else ""
