"""Block Kit payloads that Slack accepts or rejects."""

from typing import Any

import pytest

from bot.sandbox.block_kit.validate import check_message, check_view, find_rejection


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **fields}


def option(text: str = "a", **fields: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": "v", **fields}


def select(*options: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "placeholder": plain("?"), "options": list(options), **fields}


def actions(*elements: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **fields}


@pytest.mark.parametrize(
    "block",
    [
        section(""),
        section("x" * 3_001),
        {"type": "section"},
        {"type": "section", "text": {"type": "markdown", "text": "x"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2_001}]},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "header", "text": plain("x" * 151)},
        {"type": "context", "elements": []},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x" * 3_001}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
        actions(),
        actions(*[button(action_id=f"a{n}") for n in range(26)]),
        actions(button(), button()),
        actions(button(text=plain("x" * 76))),
        actions(button(value="x" * 2_001)),
        actions(button(url="x" * 3_001)),
        actions(button(style="loud")),
        actions(button(unknown=1)),
        actions(button(accessibility_label="x" * 76)),
        actions(select(option("x" * 76))),
        actions(select(option(value="x" * 76))),
        actions(select()),
        actions(select(*[option() for _ in range(101)])),
        actions(select(option(), initial_option=option("b", value="other"))),
        {"type": "image", "image_url": "https://x/y.png"},
        {"type": "unheard_of"},
        {"type": "divider", "block_id": "x" * 256},
        {"no": "type"},
    ],
)
def test_an_invalid_block_is_rejected(block: dict[str, Any]) -> None:
    assert check_message({"text": "x", "blocks": [block]})
    rejection = find_rejection("chat.postMessage", {"text": "x", "blocks": [block]})
    assert rejection is not None
    assert rejection.error == "invalid_blocks"


@pytest.mark.parametrize(
    "block",
    [
        section("x" * 3_000),
        actions(button(), button(action_id="other", style="danger", url="https://x.org")),
        actions(select(option(), option("b", value="w"), initial_option=option())),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}]},
        {"type": "divider"},
        {"type": "image", "image_url": "https://x/y.png", "alt_text": "y"},
    ],
)
def test_a_valid_block_is_accepted(block: dict[str, Any]) -> None:
    assert check_message({"text": "x", "blocks": [block]}) == ()


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "unheard_of"}, "unsupported type: unheard_of [json-pointer:/blocks/0/type]"),
        (
            actions(button(style="loud")),
            "is not one of ['primary', 'danger'] [json-pointer:/blocks/0/elements/0/style]",
        ),
        (actions(button(unknown=1)), "('unknown' was unexpected) (see https://docs.slack.dev/"),
        (section("x" * 3_001), "must have at most 3000 characters, has 3001 [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "needs text or fields [json-pointer:/blocks/0]"),
        (actions(select(option(), option("b"))), "values of options must differ [json-pointer:/blocks/0/elements/0]"),
        (
            actions(*({"type": "datepicker", "action_id": day, "initial_date": day} for day in ("2027-04-31", "soon"))),
            "must be a date [json-pointer:/blocks/0/elements/1/initial_date]",
        ),
    ],
)
def test_a_problem_says_what_is_wrong_and_where(block: dict[str, Any], problem: str) -> None:
    assert problem in check_message({"text": "x", "blocks": [block]})[-1]


def test_limits_of_the_whole_message_are_checked() -> None:
    assert check_message({"text": "x", "blocks": [section("x")] * 51})
    assert check_message({"text": "x", "blocks": [{"type": "divider", "block_id": "same"}] * 2})
    rejection = find_rejection("chat.update", {"text": "x" * 4_001})
    assert rejection is not None
    assert rejection.error == "msg_too_long"
    assert find_rejection("users.info", {"text": ""}) is None


def view(**fields: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("T"), "blocks": [section("x")], **fields}


INPUT = {
    "type": "input",
    "block_id": "i",
    "label": plain("L"),
    "element": {"type": "plain_text_input", "action_id": "i"},
}


@pytest.mark.parametrize(
    "invalid",
    [
        view(title=plain("x" * 25)),
        view(submit=plain("x" * 25)),
        view(blocks=[INPUT]),
        view(blocks=[section("x")] * 101),
        view(private_metadata="x" * 3_001),
        view(callback_id="x" * 256),
        view(type="sheet"),
        view(submit=plain("Save"), blocks=[{**INPUT, "label": plain("x" * 2_001)}]),
        view(
            submit=plain("Save"),
            blocks=[{**INPUT, "element": {"type": "plain_text_input", "action_id": "i", "max_length": 3_001}}],
        ),
        view(
            submit=plain("Save"),
            blocks=[{**INPUT, "element": {"type": "plain_text_input", "min_length": 9, "max_length": 8}}],
        ),
        view(
            submit=plain("Save"),
            blocks=[
                {**INPUT, "block_id": name, "element": {"type": "plain_text_input", "focus_on_load": True}}
                for name in ("a", "b")
            ],
        ),
    ],
)
def test_an_invalid_view_is_rejected(invalid: dict[str, Any]) -> None:
    assert check_view(invalid)


def test_a_valid_view_is_accepted() -> None:
    assert check_view(view(submit=plain("Save"), blocks=[INPUT])) == ()
    assert check_view({"type": "home", "blocks": [section("x")] * 100}) == ()
    rejection = find_rejection("views.open", {"view": view(private_metadata="x" * 260_000)})
    assert rejection is not None
    assert rejection.error == "view_too_large"
