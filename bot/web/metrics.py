"""The bot's numbers in the text format that Prometheus reads."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.service.metrics import Measures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metric(Struct, frozen=True):
    """A number, or one for each value of a label."""

    name: str
    kind: str
    """`gauge` or `counter`."""
    help: str
    values: Mapping[str, int]
    """By the label's value; the key is empty where there is no label."""
    label: str = ""


def route(measured: Callable[[], tuple[Measures, timedelta | None]]) -> Route:
    """GET /metrics; what is handed in reads the numbers and how long ago this process last ticked."""

    def metrics(_: Request) -> Response:
        text = exposition(_metrics(*measured()))
        return Response(text, headers={"cache-control": "no-store", "content-type": CONTENT_TYPE})

    return Route("/metrics", metrics, methods=["GET"])


def exposition(metrics: Sequence[Metric]) -> str:
    """The metrics as text, each with its help and kind; one without any value is left out."""
    lines: list[str] = []
    for metric in metrics:
        if metric.values:
            lines += [f"# HELP {metric.name} {_escaped(metric.help)}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [f"{metric.name}{_label(metric, value)} {number}" for value, number in metric.values.items()]
    return "".join(f"{line}\n" for line in lines)


def _label(metric: Metric, value: str) -> str:
    quoted = _escaped(value).replace('"', '\\"')
    return f'{{{metric.label}="{quoted}"}}' if metric.label else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _metrics(found: Measures, tick_age: timedelta | None) -> tuple[Metric, ...]:
    return (
        Metric(
            "dlvm_catalogue_age_seconds",
            "gauge",
            "Since the page was last well read, or since the day the table is as of where it never was.",
            _seconds(found.catalogue_age),
        ),
        Metric(
            "dlvm_catalogue_verified",
            "gauge",
            "0 where the page is read and had no good reading for 48 hours.",
            {"": int(found.verified)},
        ),
        Metric("dlvm_catalogue_held", "gauge", "What of the page waits for a person.", {"": found.held}),
        Metric(
            "dlvm_outbox_entries",
            "gauge",
            "Reminders by state, of all workspaces together.",
            {state.value: count for state, count in found.entries.items()},
            "state",
        ),
        Metric(
            "dlvm_possible_repeats_total",
            "counter",
            "Messages that may stand in their channel twice.",
            {"": found.possible_repeats},
        ),
        Metric("dlvm_last_tick_age_seconds", "gauge", "Since this process last ticked well.", _seconds(tick_age)),
    )


def _seconds(age: timedelta | None) -> dict[str, int]:
    return {} if age is None else {"": round(age.total_seconds())}
