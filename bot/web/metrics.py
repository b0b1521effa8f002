"""The bot's metrics in the Prometheus text format."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.service.metrics import BotMetrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metric(Struct, frozen=True):
    """A metric with one number, or a number for each value of its label."""

    name: str
    help: str
    values: Mapping[str, int]
    """Numbers by the label's value. The key is empty if there is no label."""
    label: str = ""
    kind: str = "gauge"
    """`gauge` or `counter`."""


def build_route(collect: Callable[[], tuple[BotMetrics, timedelta | None]]) -> Route:
    """Return the route of GET /metrics. `collect` returns the metrics and the time since this process's last tick."""

    def metrics(_: Request) -> Response:
        text = render_metrics(_list_metrics(*collect()))
        return Response(text, headers={"cache-control": "no-store", "content-type": CONTENT_TYPE})

    return Route("/metrics", metrics, methods=["GET"])


def render_metrics(metrics: Sequence[Metric]) -> str:
    """Format the metrics as text, each with its help and kind. A metric without values is left out."""
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
            "Time since the last good fetch of the page, or since the table's date if it was never fetched.",
            _to_seconds(metrics.catalogue_age),
        ),
        Metric(
            "dlvm_catalogue_verified",
            "0 if the page is polled, but the last good fetch is older than 48 hours.",
            {"": int(metrics.is_verified)},
        ),
        Metric(
            "dlvm_catalogue_pending_review", "Changes of the page that wait for a review.", {"": metrics.pending_review}
        ),
        Metric(
            "dlvm_outbox_entries",
            "Outbox entries by state, in all workspaces.",
            {state.value: count for state, count in metrics.outbox_entries.items()},
            "state",
        ),
        Metric(
            "dlvm_possible_duplicates_total",
            "Messages that Slack might have posted twice.",
            {"": metrics.possible_duplicates},
            kind="counter",
        ),
        Metric("dlvm_last_tick_age_seconds", "Time since this process's last successful tick.", _to_seconds(tick_age)),
    )


def _to_seconds(age: timedelta | None) -> dict[str, int]:
    return {} if age is None else {"": round(age.total_seconds())}
