"""Slack's texts as escaped HTML. The templates render the blocks."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from markupsafe import Markup, escape

from bot.mrkdwn import Span, SpanKind, parse_spans
from bot.sandbox.models import Message
from bot.sandbox.sample_workspace import USER_GROUPS
from bot.sandbox.workspace import Workspace

_CODE_TAGS = {SpanKind.CODE: Markup("<code>{}</code>"), SpanKind.PREFORMATTED: Markup("<pre>{}</pre>")}
_BOLD, _ITALIC = Markup("<strong>{}</strong>"), Markup("<em>{}</em>")
_STRIKE, _QUOTE = Markup("<s>{}</s>"), Markup("<q>{}</q>")
_CLASSES = {
    SpanKind.USER: "mention",
    SpanKind.CHANNEL: "mention",
    SpanKind.GROUP: "mention",
    SpanKind.BROADCAST: "mention loud",
}


class TextRenderer:
    """Render texts with the workspace's names of people and channels."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def render_text(self, text_object: Mapping[str, Any]) -> Markup:
        """Render a text object, mrkdwn or plain."""
        if text_object.get("type") == "plain_text":
            return Markup("<br>").join(str(text_object["text"]).split("\n"))
        return self.render_mrkdwn(str(text_object["text"]))

    def render_mrkdwn(self, text: str) -> Markup:
        """Render a mrkdwn text."""
        return Markup("").join(self._render_span(span) for span in parse_spans(text))

    def _render_span(self, span: Span) -> Markup:
        html = self._render_content(span)
        styles = (span.bold, _BOLD), (span.italic, _ITALIC), (span.strike, _STRIKE), (span.quoted, _QUOTE)
        for is_styled, tag in styles:
            html = tag.format(html) if is_styled else html
        return html

    def _render_content(self, span: Span) -> Markup:
        if span.kind in _CODE_TAGS:
            return _CODE_TAGS[span.kind].format(span.text)
        if span.kind is SpanKind.LINK:
            return Markup('<a href="{}" rel="noreferrer" target="_blank">{}</a>').format(span.target, span.text)
        if span.kind in _CLASSES:
            return Markup('<span class="{}">{}</span>').format(_CLASSES[span.kind], self._format_mention(span))
        return Markup("<br>").join(escape(line) for line in span.text.split("\n"))

    def _format_mention(self, span: Span) -> str:
        person = self._workspace.people.get(span.target)
        channel = self._workspace.channels.get(span.target)
        if span.kind is SpanKind.USER and person is not None:
            return f"@{person.name}"
        if span.kind is SpanKind.GROUP:
            handles = {group.group_id: f"@{group.handle}" for group in USER_GROUPS}
            return handles.get(span.target, span.text)
        return f"#{channel.name}" if span.kind is SpanKind.CHANNEL and channel is not None else span.text


def get_posted_at(message: Message, zone: tzinfo = UTC) -> datetime:
    """Return when a message was posted, on the workspace's clock."""
    return datetime.fromtimestamp(float(message.ts), zone)
