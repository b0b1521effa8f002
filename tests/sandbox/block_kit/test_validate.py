"""Slack's mrkdwn read into spans, and the rules that payloads are held against."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import mrkdwn
from bot.mrkdwn import Span, SpanKind
from bot.sandbox.block_kit.validate import check_message, check_view, find_rejection
from bot.sandbox.clock import MovableClock, PastInstantError

NOON = int(datetime(2027, 4, 13, 12, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("plain", [Span(SpanKind.TEXT, "plain")]),
        ("*bold* _italic_ ~gone~", [
            Span(SpanKind.TEXT, "bold", bold=True), Span(SpanKind.TEXT, " "), Span(SpanKind.TEXT, "italic", italic=True),
            Span(SpanKind.TEXT, " "), Span(SpanKind.TEXT, "gone", strike=True),
        ]),
        ("2*3*4 and snake_case_name", [Span(SpanKind.TEXT, "2*3*4 and snake_case_name")]),
        ("`*code*`", [Span(SpanKind.CODE, "*code*")]),
        ("```a\n  b```", [Span(SpanKind.PREFORMATTED, "a\n  b")]),
        ("<https://x.org|site>", [Span(SpanKind.LINK, "site", "https://x.org")]),
        ("<mailto:a@b.org>", [Span(SpanKind.LINK, "a@b.org", "mailto:a@b.org")]),
        ("<@U1> <#C1|room>", [Span(SpanKind.USER, "@U1", "U1"), Span(SpanKind.TEXT, " "), Span(SpanKind.CHANNEL, "#room", "C1")]),
        ("<!subteam^S1> <!here>", [
            Span(SpanKind.GROUP, "@S1", "S1"), Span(SpanKind.TEXT, " "), Span(SpanKind.BROADCAST, "@here", "here"),
        ]),
        ("a &lt;b&gt; &amp;amp;", [Span(SpanKind.TEXT, "a <b> &amp;")]),
        ("&gt; said", [Span(SpanKind.TEXT, "said", quoted=True)]),
        (":warning: :nothing:", [Span(SpanKind.EMOJI, "⚠️", "warning"), Span(SpanKind.TEXT, " :nothing:")]),
        (f"<!date^{NOON}^{{date_short}} {{time}}|then>", [Span(SpanKind.DATE, "Apr 13, 2027 12:00")]),
        (f"<!date^{NOON}^{{ago}}|then>", [Span(SpanKind.DATE, "then")]),
        ("<!date^soon^{date}|then>", [Span(SpanKind.DATE, "then")]),
        ("<unknown>", [Span(SpanKind.TEXT, "<unknown>")]),
    ],
)  # fmt: skip
def test_mrkdwn_is_read_into_spans(text: str, spans: list[Span]) -> None:
    assert mrkdwn.parse_spans(text) == spans


def test_dates_are_shown_in_the_zone_asked_for() -> None:
    (span,) = mrkdwn.parse_spans(f"<!date^{NOON}^{{time}}|x>", timezone(timedelta(hours=8)))
    assert span.text == "20:00"
    assert mrkdwn.to_plain_text("*a* <https://x|b>") == "a b"


@given(st.text(max_size=200))
def test_any_text_is_read_without_raising(text: str) -> None:
    mrkdwn.parse_spans(text)


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def option(text: str = "a", **more: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": "v", **more}


def select(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "placeholder": plain("?"), "options": list(options), **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


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
def test_a_block_that_slack_refuses_is_refused(block: dict[str, Any]) -> None:
    assert check_message({"text": "x", "blocks": [block]})
    found = find_rejection("chat.postMessage", {"text": "x", "blocks": [block]})
    assert found is not None
    assert found.error == "invalid_blocks"


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
def test_a_block_that_slack_takes_is_taken(block: dict[str, Any]) -> None:
    assert check_message({"text": "x", "blocks": [block]}) == ()


def test_a_message_is_judged_whole() -> None:
    assert check_message({"text": "x", "blocks": [section("x")] * 51})
    assert check_message({"text": "x", "blocks": [{"type": "divider", "block_id": "same"}] * 2})
    assert find_rejection("chat.update", {"text": "x" * 4_001}) == find_rejection("chat.update", {"text": "x" * 4_001})
    found = find_rejection("chat.update", {"text": "x" * 4_001})
    assert found is not None
    assert found.error == "msg_too_long"
    assert find_rejection("users.info", {"text": ""}) is None


def view(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("T"), "blocks": [section("x")], **more}


INPUT = {
    "type": "input",
    "block_id": "i",
    "label": plain("L"),
    "element": {"type": "plain_text_input", "action_id": "i"},
}


@pytest.mark.parametrize(
    "shown",
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
    ],
)
def test_a_view_that_slack_refuses_is_refused(shown: dict[str, Any]) -> None:
    assert check_view(shown)


def test_a_view_that_slack_takes_is_taken() -> None:
    assert check_view(view(submit=plain("Save"), blocks=[INPUT])) == ()
    assert check_view({"type": "home", "blocks": [section("x")] * 100}) == ()
    too_large = find_rejection("views.open", {"view": view(private_metadata="x" * 260_000)})
    assert too_large is not None
    assert too_large.error == "view_too_large"


def test_the_clock_runs_ahead_and_only_a_reset_goes_back() -> None:
    real = datetime(2026, 11, 23, 12, tzinfo=UTC)
    clock = MovableClock(lambda: real)
    clock.move_to(real + timedelta(days=7))
    assert (clock(), clock.offset, clock.is_moved) == (real + timedelta(days=7), timedelta(days=7), True)
    with pytest.raises(PastInstantError, match="only a reset"):
        clock.move_to(real)
    clock.reset()
    assert (clock(), clock.read_real_clock(), clock.is_moved) == (real, real, False)
