"""Slack's texts as HTML, everything escaped; the blocks themselves are drawn by the templates."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from markupsafe import Markup, escape

from bot.mrkdwn import Kind, Span, spans
from bot.sandbox import sample_workspace
from bot.sandbox.models import Message
from bot.sandbox.workspace import Workspace

_FRAMES = {Kind.CODE: Markup("<code>{}</code>"), Kind.PREFORMATTED: Markup("<pre>{}</pre>")}
_BOLD, _ITALIC = Markup("<strong>{}</strong>"), Markup("<em>{}</em>")
_STRIKE, _QUOTE = Markup("<s>{}</s>"), Markup("<q>{}</q>")
_CLASSES = {Kind.USER: "mention", Kind.CHANNEL: "mention", Kind.GROUP: "mention", Kind.BROADCAST: "mention loud"}


class Drawing:
    """Draws texts with the names that people and channels have in the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def text(self, piece: Mapping[str, Any]) -> Markup:
        """A text object: mrkdwn read, plain text as it stands."""
        if piece.get("type") == "plain_text":
            return Markup("<br>").join(str(piece["text"]).split("\n"))
        return self.mrkdwn(str(piece["text"]))

    def mrkdwn(self, text: str) -> Markup:
        """A mrkdwn text."""
        return Markup("").join(self._span(span) for span in spans(text))

    def _span(self, span: Span) -> Markup:
        shown = self._inner(span)
        styles = (span.bold, _BOLD), (span.italic, _ITALIC), (span.strike, _STRIKE), (span.quoted, _QUOTE)
        for wanted, style in styles:
            shown = style.format(shown) if wanted else shown
        return shown

    def _inner(self, span: Span) -> Markup:
        if span.kind in _FRAMES:
            return _FRAMES[span.kind].format(span.text)
        if span.kind is Kind.LINK:
            return Markup('<a href="{}" rel="noreferrer" target="_blank">{}</a>').format(span.target, span.text)
        if span.kind in _CLASSES:
            return Markup('<span class="{}">{}</span>').format(_CLASSES[span.kind], self._name(span))
        return Markup("<br>").join(escape(line) for line in span.text.split("\n"))

    def _name(self, span: Span) -> str:
        person = self._workspace.people.get(span.target)
        channel = self._workspace.channels.get(span.target)
        if span.kind is Kind.USER and person is not None:
            return f"@{person.name}"
        if span.kind is Kind.GROUP:
            return next(
                (f"@{each.handle}" for each in sample_workspace.GROUPS if each.group_id == span.target), span.text
            )
        return f"#{channel.name}" if span.kind is Kind.CHANNEL and channel is not None else span.text


def moment_of(message: Message, zone: tzinfo = UTC) -> datetime:
    """When a message was posted, on the workspace's clock."""
    return datetime.fromtimestamp(float(message.ts), zone)
