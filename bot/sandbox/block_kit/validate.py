"""What Slack refuses in a payload, judged offline: `shapes`, `demands`, and slack_sdk's own validators.

The stand-in answers by these rules, and the tests hold every builder against them. They are stricter than Slack,
never looser: a message without `text` is refused although it has blocks, because screen readers get nothing else.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.block_kit.constraints import DEMANDS, listed
from bot.sandbox.block_kit.schema import SHAPES
from bot.sandbox.block_kit.types import Chars, misfits, problem

Piece = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Slack's error code, and what it would say in `response_metadata.messages`."""

    error: str
    messages: tuple[str, ...] = ()


LONGEST_VIEW = 250_000
"""Bytes of a view's JSON (slack.dev /reference/views)."""


def check_message(message: Piece) -> tuple[str, ...]:
    """What Slack would object to in a message's `text` and `blocks`; other arguments are not looked at."""
    judged = {key: message[key] for key in ("text", "blocks") if key in message}
    return _problems("message", judged) or _sdk_objects_to_blocks(judged.get("blocks", ()))


def check_view(view: Piece) -> tuple[str, ...]:
    """What Slack would object to in a modal or Home view."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return (problem(f"unsupported type: {kind!s:.40}", "/view/type"),)
    return _problems(str(kind), view, "/view") or _sdk_objects_to_view(view)


def refusal(method: str, payload: Piece) -> Refusal | None:
    """The error with which Slack would answer this call for what its message or view holds."""
    view = payload.get("view")
    if method.startswith("views.") and isinstance(view, Mapping):
        if len(json.dumps(view)) > LONGEST_VIEW:
            return Refusal("view_too_large")
        problems = check_view(view)
        return Refusal("invalid_arguments", problems) if problems else None
    return _refused_message(method, payload) if method in _LONGEST_TEXT else None


_LONGEST_TEXT = {"chat.postMessage": 40_000, "chat.postEphemeral": 40_000, "chat.update": 4_000, "response_url": 40_000}


def _refused_message(method: str, payload: Piece) -> Refusal | None:
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        return Refusal("no_text", (problem("text must say what the blocks say", "/text"),))
    too_long = tuple(Chars(_LONGEST_TEXT[method]).problems(text, "/text", SHAPES))
    if too_long:
        return Refusal("msg_too_long", too_long)
    problems = check_message(payload)
    return Refusal("invalid_blocks", problems) if problems else None


def _problems(kind: str, piece: Piece, at: str = "") -> tuple[str, ...]:
    """What breaks the shapes, or else a demand: demands may rely on shapes."""
    found = tuple(misfits(piece, SHAPES[kind], at, SHAPES))
    return found or tuple(
        problem(f"{demand.says} (see {demand.page})", place)
        for one_kind, one, place in _walk(kind, piece, at)
        for demand in DEMANDS
        if one_kind in demand.kinds and not demand.holds(one)
    )


def _walk(kind: str, piece: Piece, at: str) -> Iterator[tuple[str, Piece, str]]:
    yield kind, piece, at
    for key, value in piece.items():
        if isinstance(value, Mapping):
            yield from _walk(str(value.get("type", key)), value, f"{at}/{key}")
        for place, one in enumerate(listed(piece, key)):
            yield from _walk(str(one.get("type", key)), one, f"{at}/{key}/{place}")


def _sdk_objects_to_blocks(blocks: object) -> tuple[str, ...]:
    return _sdk_objects_to(lambda: _validate(blocks))


def _sdk_objects_to_view(view: Piece) -> tuple[str, ...]:
    def judge() -> None:
        View(**_copied(view)).validate_json()
        _validate(view["blocks"])

    return _sdk_objects_to(judge)


def _validate(blocks: object) -> None:
    for block in Block.parse_all(_copied(blocks)):
        block.validate_json()


def _copied(piece: object) -> Any:  # noqa: ANN401 - whatever JSON it was
    """slack_sdk takes keys out of what it is given."""
    return json.loads(json.dumps(piece))


def _sdk_objects_to(judge: Callable[[], None]) -> tuple[str, ...]:
    try:
        judge()
    except SlackObjectFormationError as error:
        return (problem(f"slack_sdk: {error}", ""),)
    return ()
