"""Slack's mrkdwn parsed into spans."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import mrkdwn
from bot.mrkdwn import Span, SpanKind

NOON = int(datetime(2027, 4, 13, 12, tzinfo=UTC).timestamp())
SPACE = Span(SpanKind.TEXT, " ")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("plain", [Span(SpanKind.TEXT, "plain")]),
        (
            "*bold* _italic_ ~gone~",
            [
                Span(SpanKind.TEXT, "bold", bold=True),
                SPACE,
                Span(SpanKind.TEXT, "italic", italic=True),
                SPACE,
                Span(SpanKind.TEXT, "gone", strike=True),
            ],
        ),
        ("2*3*4 and snake_case_name", [Span(SpanKind.TEXT, "2*3*4 and snake_case_name")]),
        ("`*code*`", [Span(SpanKind.CODE, "*code*")]),
        ("```a\n  b```", [Span(SpanKind.PREFORMATTED, "a\n  b")]),
        ("<https://x.org|site>", [Span(SpanKind.LINK, "site", "https://x.org")]),
        ("<mailto:a@b.org>", [Span(SpanKind.LINK, "a@b.org", "mailto:a@b.org")]),
        ("<@U1> <#C1|room>", [Span(SpanKind.USER, "@U1", "U1"), SPACE, Span(SpanKind.CHANNEL, "#room", "C1")]),
        (
            "<!subteam^S1> <!here>",
            [
                Span(SpanKind.GROUP, "@S1", "S1"),
                SPACE,
                Span(SpanKind.BROADCAST, "@here", "here"),
            ],
        ),
        ("a &lt;b&gt; &amp;amp;", [Span(SpanKind.TEXT, "a <b> &amp;")]),
        ("&gt; said", [Span(SpanKind.TEXT, "said", quoted=True)]),
        (":warning: :nothing:", [Span(SpanKind.EMOJI, "⚠️", "warning"), Span(SpanKind.TEXT, " :nothing:")]),
        (f"<!date^{NOON}^{{date_short}} {{time}}|then>", [Span(SpanKind.DATE, "Apr 13, 2027 12:00")]),
        (f"<!date^{NOON}^{{ago}}|then>", [Span(SpanKind.DATE, "then")]),
        ("<!date^soon^{date}|then>", [Span(SpanKind.DATE, "then")]),
        ("<unknown>", [Span(SpanKind.TEXT, "<unknown>")]),
    ],
)
def test_mrkdwn_is_parsed_into_spans(text: str, spans: list[Span]) -> None:
    assert mrkdwn.parse_spans(text) == spans


def test_dates_are_formatted_in_the_time_zone() -> None:
    (span,) = mrkdwn.parse_spans(f"<!date^{NOON}^{{time}}|x>", timezone(timedelta(hours=8)))
    assert span.text == "20:00"
    assert [span.text for span in mrkdwn.parse_spans("*a* <https://x|b>")] == ["a", " ", "b"]


@given(st.text(max_size=200))
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    mrkdwn.parse_spans(text)
