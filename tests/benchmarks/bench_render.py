"""The largest message drawn and encoded, beside the same dictionaries written down as a literal."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from msgspec import json as encoding
from msgspec.structs import replace

from bot.answers import ReminderMessage
from bot.slack.blocks.reminders import message as messages
from tests.benchmarks.factories import build_largest_message
from tests.benchmarks.measure import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig


def measure_rendering(rig: Rig) -> list[Row]:
    """For one channel after another on one day, and for the first one of each day."""
    message = build_largest_message(rig)
    drawn = messages.render(message)
    size = f"{len(drawn['blocks'])} blocks, {len(json.dumps(drawn)) / 1000:.0f} kB"
    floor = _build_json_side(rig, drawn)
    channels = (replace(message, channel_id=f"C{number}") for number in count())
    days = (replace(message, day=message.day + timedelta(days=number)) for number in count(1))
    against = "the same dictionaries as a literal, through json.dumps"
    again = f"drawing the largest message ({size}) to JSON, for one of many channels"
    anew = "the same, for the first channel of a day"
    return [
        compare(
            "drawing",
            again,
            against,
            measure_alternately(rig.track_rounds(again), _build_render_side(rig, channels), floor),
            Target(1.5),
        ),
        compare(
            "drawing-first",
            anew,
            against,
            measure_alternately(rig.track_rounds(anew), _build_render_side(rig, days), floor),
            Target(1.5),
        ),
    ]


def _build_render_side(rig: Rig, made: Iterator[ReminderMessage]) -> Side:
    def act(message: ReminderMessage) -> bytes:
        return encoding.encode(messages.render(message))  # as the sender does

    def check(encoded: bytes) -> None:
        if not json.loads(encoded)["blocks"]:
            raise AssertionError("an empty message")

    return lambda: time_calls(rig.size.calls, lambda: next(made), act, check)


def _build_json_side(rig: Rig, drawn: dict[str, Any]) -> Side:
    """The same message as somebody would write it down: one literal, made anew each time."""
    made: Callable[[], dict[str, Any]] = eval(f"lambda: {drawn!r}")  # noqa: S307 - our own dictionaries of texts

    def act(_: None) -> bytes:
        return json.dumps(made()).encode()

    def check(encoded: bytes) -> None:
        if json.loads(encoded) != drawn:
            raise AssertionError("another message")

    return lambda: time_calls(rig.size.calls, lambda: None, act, check)
