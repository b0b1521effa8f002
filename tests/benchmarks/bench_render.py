"""Rendering the largest message to JSON, beside encoding an equal literal."""

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
from tests.benchmarks.measurement import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig


def measure_rendering(rig: Rig) -> list[Row]:
    """Measure later channels of a day, and the first channel of each day."""
    message = build_largest_message(rig)
    rendered = messages.render(message)
    size = f"{len(rendered['blocks'])} blocks, {len(json.dumps(rendered)) / 1000:.0f} kB"
    floor = _build_json_side(rig, rendered)
    channels = (replace(message, channel_id=f"C{number}") for number in count())
    days = (replace(message, day=message.day + timedelta(days=number)) for number in count(1))
    floor_title = "an equal literal, through json.dumps"
    later_title = f"rendering the largest message ({size}) to JSON, later channels of a day"
    first_title = f"rendering the largest message ({size}) to JSON, first channel of a day"
    return [
        compare(
            "drawing",
            later_title,
            floor_title,
            measure_alternately(rig.track_rounds(later_title), _build_render_side(rig, channels), floor),
            Target(1.5),
        ),
        compare(
            "drawing-first",
            first_title,
            floor_title,
            measure_alternately(rig.track_rounds(first_title), _build_render_side(rig, days), floor),
            Target(1.5),
        ),
    ]


def _build_render_side(rig: Rig, messages_to_render: Iterator[ReminderMessage]) -> Side:
    def render(message: ReminderMessage) -> bytes:
        return encoding.encode(messages.render(message))  # as the sender does

    def check(encoded: bytes) -> None:
        if not json.loads(encoded)["blocks"]:
            raise AssertionError("the message is empty")

    return lambda: time_calls(rig.size.calls, lambda: next(messages_to_render), render, check)


def _build_json_side(rig: Rig, rendered: dict[str, Any]) -> Side:
    """Build a side that creates the message from one literal, and encodes it."""
    create: Callable[[], dict[str, Any]] = eval(f"lambda: {rendered!r}")  # noqa: S307 - the test's own dictionaries

    def encode(_: None) -> bytes:
        return json.dumps(create()).encode()

    def check(encoded: bytes) -> None:
        if json.loads(encoded) != rendered:
            raise AssertionError("the message differs")

    return lambda: time_calls(rig.size.calls, lambda: None, encode, check)
