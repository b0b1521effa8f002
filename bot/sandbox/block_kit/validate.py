"""Validate messages and views offline, by a JSON Schema, the rules beside it and slack_sdk's own validators.

The sandbox responds by these rules, and tests check every block builder with them. They are stricter than Slack, never
looser: a message needs a `text`, because screen readers read nothing else, and values of options have at most 75
characters, as in Slack's own types. Undocumented fields are rejected, and so are elements that the page can't show.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.protocols import Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.block_kit.rules import find_conflicts
from bot.sandbox.models import Json

MAX_VIEW_BYTES = 250_000
"""Bytes of a view's JSON (docs.slack.dev/reference/views)."""

_TEXT_LIMITS = {"chat.postMessage": 40_000, "chat.postEphemeral": 40_000, "chat.update": 4_000, "response_url": 40_000}
"""Characters of a message's text."""

_PROBLEMS = {
    "minLength": "must have at least {limit} characters",
    "maxLength": "must have at most {limit} characters, has {size}",
    "minItems": "must have at least {limit} items",
    "maxItems": "must have at most {limit} items, has {size}",
    "type": "must be of type {limit}",
    "pattern": "must match {limit}",
    "format": "must be a {limit}",
    "anyOf": "needs text or fields",
    "oneOf": "needs either options or option_groups",
}
"""Problems by keyword of the schema, where jsonschema's own message would repeat the value."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Slack's error code, and its messages for `response_metadata`."""

    error: str
    messages: tuple[str, ...] = ()


def check_message(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the problems of a message's `text` and `blocks`. Ignore other arguments."""
    content = _copy({key: message[key] for key in ("text", "blocks") if key in message})
    return _find_problems("message", content) or _find_sdk_problems(lambda: _validate_blocks(content.get("blocks", ())))


def check_view(view: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the problems of a modal or Home view."""
    view_type = view.get("type")
    if view_type not in {"modal", "home"}:
        return (_format_problem(f"unsupported type: {view_type!s:.40}", "/view/type"),)

    def validate() -> None:
        View(**_copy(view)).validate_json()
        _validate_blocks(view["blocks"])

    return _find_problems(str(view_type), _copy(view), "/view") or _find_sdk_problems(validate)


def find_rejection(method: str, payload: Mapping[str, Any]) -> Rejection | None:
    """Return how Slack would reject a call because of its message or view, or None."""
    view = payload.get("view")
    if method.startswith("views.") and isinstance(view, Mapping):
        if len(json.dumps(view)) > MAX_VIEW_BYTES:
            return Rejection("view_too_large")
        problems = check_view(view)
        return Rejection("invalid_arguments", problems) if problems else None
    return _find_message_rejection(method, payload) if method in _TEXT_LIMITS else None


def _find_message_rejection(method: str, payload: Mapping[str, Any]) -> Rejection | None:
    text, max_length = payload.get("text"), _TEXT_LIMITS[method]
    if not isinstance(text, str) or not text.strip():
        return Rejection("no_text", (_format_problem("text is required as the fallback of blocks", "/text"),))
    if len(text) > max_length:
        problem = _PROBLEMS["maxLength"].format(limit=max_length, size=len(text))
        return Rejection("msg_too_long", (_format_problem(problem, "/text"),))
    problems = check_message(payload)
    return Rejection("invalid_blocks", problems) if problems else None


def _find_problems(definition: str, payload: Json, pointer: str = "") -> tuple[str, ...]:
    """Return what the schema finds, or if it finds nothing, the broken rules, because rules rely on the schema."""
    errors = _build_validator(definition).iter_errors(payload)
    problems = tuple(_describe_error(error, pointer) for error in errors)
    return problems or tuple(_format_problem(*conflict) for conflict in find_conflicts(payload, pointer))


def _describe_error(error: ValidationError, pointer: str) -> str:
    template = _PROBLEMS.get(str(error.validator))
    problem = f"{error.message:.200}"
    if template:
        size = len(error.instance) if isinstance(error.instance, str | list) else 0
        problem = template.format(limit=error.validator_value, size=size)
    elif isinstance(error.schema, dict) and "$comment" in error.schema:
        problem += f" (see {error.schema['$comment']})"
    return _format_problem(problem, pointer + "".join(f"/{part}" for part in error.absolute_path))


def _format_problem(message: str, pointer: str) -> str:
    """Format a problem as Slack does."""
    return f"[ERROR] {message} [json-pointer:{pointer or '/'}]"


@cache
def _build_validator(definition: str) -> Validator:
    """Build the validator of a definition in the schema."""
    schema = json.loads(resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))
    keywords = {"oneOf": _check_one_of}
    checker = validators.extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call] # so in its stubs
    root = {"$ref": f"#/$defs/{definition}", **schema}
    validator: Validator = checker(root, format_checker=checker.FORMAT_CHECKER)
    return validator


def _check_one_of(
    validator: Draft202012Validator, branches: list[Json], instance: object, schema: Json
) -> Iterator[ValidationError]:
    """Check an object with a discriminator by the branch of its type alone, whose errors name the invalid field."""
    if "discriminator" not in schema:
        yield from Draft202012Validator.VALIDATORS["oneOf"](validator, branches, instance, schema)
        return
    object_type = instance.get("type") if isinstance(instance, dict) else None
    branch = {"$ref": f"#/$defs/{object_type}"}
    if branch in branches:
        yield from validator.descend(instance, branch)
    else:
        yield ValidationError(f"unsupported type: {object_type!s:.40}", path=["type"], validator="discriminator")


def _validate_blocks(blocks: object) -> None:
    for block in Block.parse_all(_copy(blocks)):
        block.validate_json()


def _copy(payload: object) -> Any:  # noqa: ANN401 - any JSON value
    """Copy a payload as plain JSON, because slack_sdk removes keys from its input."""
    return json.loads(json.dumps(payload))


def _find_sdk_problems(validate: Callable[[], None]) -> tuple[str, ...]:
    try:
        validate()
    except SlackObjectFormationError as error:
        return (_format_problem(f"slack_sdk: {error}", ""),)
    return ()
