"""The largest message drawn and encoded, beside the same dictionaries made of sentences that are there already."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from bot.answers import ReminderMessage
from bot.slack.blocks import messages
from tests.benchmarks.making import largest
from tests.benchmarks.measuring import Side, in_turns, timed
from tests.benchmarks.results import Row, Target, compared
from tests.benchmarks.rig import Rig

Block = dict[str, Any]


def drawing(rig: Rig) -> list[Row]:
    """For one channel after another on one day, and for the first one of each day."""
    message = largest(rig)
    drawn = messages.message(message)
    size = f"{len(drawn['blocks'])} blocks, {len(json.dumps(drawn)) / 1000:.0f} kB"
    floor = _plain(rig, drawn)
    channels = (replace(message, channel_id=f"C{number}") for number in count())
    days = (replace(message, day=message.day + timedelta(days=number)) for number in count(1))
    against = "plain dictionaries of ready sentences, through json.dumps"
    again = f"drawing the largest message ({size}) to JSON, for one of many channels"
    anew = "the same, for the first channel of a day"
    return [
        compared("drawing", again, against, in_turns(rig.turns(again), _drawn(rig, channels), floor), Target(1.5)),
        compared("drawing-first", anew, against, in_turns(rig.turns(anew), _drawn(rig, days), floor), Target(1.5)),
    ]


def _drawn(rig: Rig, made: Iterator[ReminderMessage]) -> Side:
    def act(message: ReminderMessage) -> bytes:
        return json.dumps(messages.message(message)).encode()

    def check(encoded: bytes) -> None:
        if not json.loads(encoded)["blocks"]:
            raise AssertionError("an empty message")

    return lambda: timed(rig.size.calls, lambda: next(made), act, check)


def _plain(rig: Rig, drawn: dict[str, Any]) -> Side:
    """The same blocks as somebody would write them by hand."""
    text, made = drawn["text"], [_MAKERS[block["type"]](block) for block in drawn["blocks"]]

    def act(_: None) -> bytes:
        return json.dumps({"text": text, "blocks": [make() for make in made]}).encode()

    def check(encoded: bytes) -> None:
        if json.loads(encoded) != drawn:
            raise AssertionError("another message")

    return lambda: timed(rig.size.calls, lambda: None, act, check)


def _header(block: Block) -> Callable[[], Block]:
    text = block["text"]["text"]
    return lambda: {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _section(block: Block) -> Callable[[], Block]:
    text = block["text"]["text"]
    return lambda: {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(block: Block) -> Callable[[], Block]:
    text = block["elements"][0]["text"]
    return lambda: {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _actions(block: Block) -> Callable[[], Block]:
    made = [_button(button) for button in block["elements"]]
    return lambda: {"type": "actions", "elements": [make() for make in made]}


def _button(button: Block) -> Callable[[], Block]:
    label = button["text"]["text"]
    rest = {name: value for name, value in button.items() if name not in {"type", "text"}}
    return lambda: {"type": "button", "text": {"type": "plain_text", "text": label, "emoji": False}, **rest}


_MAKERS: dict[str, Callable[[Block], Callable[[], Block]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": lambda _: lambda: {"type": "divider"},
}
