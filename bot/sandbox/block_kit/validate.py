"""Validate messages and views offline, by the schemas, the constraints and slack_sdk's own validators.

The sandbox responds by these rules, and tests check every block builder with them. They are stricter than Slack, never
looser: a message with blocks needs a `text` too, because screen readers read nothing else.
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
from bot.sandbox.block_kit.types import JsonObject, String, check_object, format_problem


@dataclass(frozen=True, slots=True)
class Rejection:
    """Slack's error code, and its messages for `response_metadata`."""

    error: str
    messages: tuple[str, ...] = ()


MAX_VIEW_BYTES = 250_000
"""Bytes of a view's JSON (docs.slack.dev/reference/views)."""


def check_message(message: JsonObject) -> tuple[str, ...]:
    """Return the problems of a message's `text` and `blocks`. Ignore other arguments."""
    content = {key: message[key] for key in ("text", "blocks") if key in message}
    return _find_problems("message", content) or _find_sdk_block_problems(content.get("blocks", ()))


def check_view(view: JsonObject) -> tuple[str, ...]:
    """Return the problems of a modal or Home view."""
    view_type = view.get("type")
    if view_type not in ("modal", "home"):
        return (format_problem(f"unsupported type: {view_type!s:.40}", "/view/type"),)
    return _find_problems(str(view_type), view, "/view") or _find_sdk_view_problems(view)


def find_rejection(method: str, payload: JsonObject) -> Rejection | None:
    """Return how Slack would reject a call because of its message or view, or None."""
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
        return Rejection("no_text", (format_problem("text is required as the fallback of blocks", "/text"),))
    too_long = tuple(String(_MAX_TEXT_LENGTHS[method]).find_problems(text, "/text", SCHEMAS))
    if too_long:
        return Rejection("msg_too_long", too_long)
    problems = check_message(payload)
    return Rejection("invalid_blocks", problems) if problems else None


def _find_problems(object_type: str, payload: JsonObject, pointer: str = "") -> tuple[str, ...]:
    """Return schema problems, or if there are none, constraint problems, because constraints rely on the schemas."""
    problems = tuple(check_object(payload, SCHEMAS[object_type], pointer, SCHEMAS))
    return problems or tuple(
        format_problem(f"{constraint.message} (see {constraint.docs_page})", child_pointer)
        for child_type, child, child_pointer in _walk(object_type, payload, pointer)
        for constraint in CONSTRAINTS
        if child_type in constraint.object_types and not constraint.is_met(child)
    )


def _walk(object_type: str, payload: JsonObject, pointer: str) -> Iterator[tuple[str, JsonObject, str]]:
    yield object_type, payload, pointer
    for key, value in payload.items():
        if isinstance(value, Mapping):
            yield from _walk(str(value.get("type", key)), value, f"{pointer}/{key}")
        for index, item in enumerate(list_objects(payload, key)):
            yield from _walk(str(item.get("type", key)), item, f"{pointer}/{key}/{index}")


def _find_sdk_block_problems(blocks: object) -> tuple[str, ...]:
    return _find_sdk_problems(lambda: _validate_blocks(blocks))


def _find_sdk_view_problems(view: JsonObject) -> tuple[str, ...]:
    def validate() -> None:
        View(**_copy(view)).validate_json()
        _validate_blocks(view["blocks"])

    return _find_sdk_problems(validate)


def _validate_blocks(blocks: object) -> None:
    for block in Block.parse_all(_copy(blocks)):
        block.validate_json()


def _copy(payload: object) -> Any:  # noqa: ANN401 - any JSON value
    """Copy a payload, because slack_sdk removes keys from its input."""
    return json.loads(json.dumps(payload))


def _find_sdk_problems(validate: Callable[[], None]) -> tuple[str, ...]:
    try:
        validate()
    except SlackObjectFormationError as error:
        return (format_problem(f"slack_sdk: {error}", ""),)
    return ()
