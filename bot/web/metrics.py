"""The bot's numbers in the text format that Prometheus reads."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.service.metrics import BotMetrics

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


def build_route(collect: Callable[[], tuple[BotMetrics, timedelta | None]]) -> Route:
    """GET /metrics; what is handed in reads the numbers and how long ago this process last ticked."""

    def metrics(_: Request) -> Response:
        text = render_metrics(_list_metrics(*collect()))
        return Response(text, headers={"cache-control": "no-store", "content-type": CONTENT_TYPE})

    return Route("/metrics", metrics, methods=["GET"])


def render_metrics(metrics: Sequence[Metric]) -> str:
    """The metrics as text, each with its help and kind; one without any value is left out."""
    lines: list[str] = []
    for metric in metrics:
        if metric.values:
            lines += [f"# HELP {metric.name} {_escape(metric.help)}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [
                f"{metric.name}{_format_label(metric, value)} {number}" for value, number in metric.values.items()
            ]
    return "".join(f"{line}\n" for line in lines)


def _format_label(metric: Metric, value: str) -> str:
    quoted = _escape(value).replace('"', '\\"')
    return f'{{{metric.label}="{quoted}"}}' if metric.label else ""


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _list_metrics(metrics: BotMetrics, tick_age: timedelta | None) -> tuple[Metric, ...]:
    return (
        Metric(
            "dlvm_catalogue_age_seconds",
            "gauge",
            "Since the page was last well read, or since the day the table is as of where it never was.",
            _to_seconds(metrics.catalogue_age),
        ),
        Metric(
            "dlvm_catalogue_verified",
            "gauge",
            "0 where the page is read and had no good reading for 48 hours.",
            {"": int(metrics.is_verified)},
        ),
        Metric("dlvm_catalogue_held", "gauge", "What of the page waits for a person.", {"": metrics.pending_review}),
        Metric(
            "dlvm_outbox_entries",
            "gauge",
            "Reminders by state, of all workspaces together.",
            {state.value: count for state, count in metrics.outbox_entries.items()},
            "state",
        ),
        Metric(
            "dlvm_possible_repeats_total",
            "counter",
            "Messages that may stand in their channel twice.",
            {"": metrics.possible_repeats},
        ),
        Metric("dlvm_last_tick_age_seconds", "gauge", "Since this process last ticked well.", _to_seconds(tick_age)),
    )


def _to_seconds(age: timedelta | None) -> dict[str, int]:
    return {} if age is None else {"": round(age.total_seconds())}
