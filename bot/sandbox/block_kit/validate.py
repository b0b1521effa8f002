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

from bot.sandbox.block_kit.constraints import CONSTRAINTS, list_objects
from bot.sandbox.block_kit.schema import SCHEMAS
from bot.sandbox.block_kit.types import String, check_object, format_problem

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Slack's error code, and what it would say in `response_metadata.messages`."""

    error: str
    messages: tuple[str, ...] = ()


MAX_VIEW_BYTES = 250_000
"""Bytes of a view's JSON (slack.dev /reference/views)."""


def check_message(message: JsonObject) -> tuple[str, ...]:
    """What Slack would object to in a message's `text` and `blocks`; other arguments are not looked at."""
    judged = {key: message[key] for key in ("text", "blocks") if key in message}
    return _find_problems("message", judged) or _find_sdk_block_problems(judged.get("blocks", ()))


def check_view(view: JsonObject) -> tuple[str, ...]:
    """What Slack would object to in a modal or Home view."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return (format_problem(f"unsupported type: {kind!s:.40}", "/view/type"),)
    return _find_problems(str(kind), view, "/view") or _find_sdk_view_problems(view)


def find_rejection(method: str, payload: JsonObject) -> Rejection | None:
    """The error with which Slack would answer this call for what its message or view holds."""
    view = payload.get("view")
    if method.startswith("views.") and isinstance(view, Mapping):
        if len(json.dumps(view)) > MAX_VIEW_BYTES:
            return Rejection("view_too_large")
        problems = check_view(view)
        return Rejection("invalid_arguments", problems) if problems else None
    return _find_message_rejection(method, payload) if method in _MAX_TEXT_LENGTHS else None


_MAX_TEXT_LENGTHS = {
    "chat.postMessage": 40_000,
    "chat.postEphemeral": 40_000,
    "chat.update": 4_000,
    "response_url": 40_000,
}


def _find_message_rejection(method: str, payload: JsonObject) -> Rejection | None:
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        return Rejection("no_text", (format_problem("text must say what the blocks say", "/text"),))
    too_long = tuple(String(_MAX_TEXT_LENGTHS[method]).find_problems(text, "/text", SCHEMAS))
    if too_long:
        return Rejection("msg_too_long", too_long)
    problems = check_message(payload)
    return Rejection("invalid_blocks", problems) if problems else None


def _find_problems(object_type: str, piece: JsonObject, pointer: str = "") -> tuple[str, ...]:
    """What breaks the shapes, or else a demand: demands may rely on shapes."""
    found = tuple(check_object(piece, SCHEMAS[object_type], pointer, SCHEMAS))
    return found or tuple(
        format_problem(f"{demand.message} (see {demand.docs_page})", place)
        for one_kind, one, place in _walk(object_type, piece, pointer)
        for demand in CONSTRAINTS
        if one_kind in demand.object_types and not demand.is_met(one)
    )


def _walk(object_type: str, piece: JsonObject, pointer: str) -> Iterator[tuple[str, JsonObject, str]]:
    yield object_type, piece, pointer
    for key, value in piece.items():
        if isinstance(value, Mapping):
            yield from _walk(str(value.get("type", key)), value, f"{pointer}/{key}")
        for place, one in enumerate(list_objects(piece, key)):
            yield from _walk(str(one.get("type", key)), one, f"{pointer}/{key}/{place}")


def _find_sdk_block_problems(blocks: object) -> tuple[str, ...]:
    return _find_sdk_problems(lambda: _validate_blocks(blocks))


def _find_sdk_view_problems(view: JsonObject) -> tuple[str, ...]:
    def judge() -> None:
        View(**_copy(view)).validate_json()
        _validate_blocks(view["blocks"])

    return _find_sdk_problems(judge)


def _validate_blocks(blocks: object) -> None:
    for block in Block.parse_all(_copy(blocks)):
        block.validate_json()


def _copy(piece: object) -> Any:  # noqa: ANN401 - whatever JSON it was
    """slack_sdk takes keys out of what it is given."""
    return json.loads(json.dumps(piece))


def _find_sdk_problems(validate: Callable[[], None]) -> tuple[str, ...]:
    try:
        validate()
    except SlackObjectFormationError as error:
        return (format_problem(f"slack_sdk: {error}", ""),)
    return ()
