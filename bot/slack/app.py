"""The Bolt app: the one place that registers listeners."""

import json
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.blocks.modals import settings
from bot.slack.listeners.commands import COMMAND, Replies
from storage.database import DatabaseError
from storage.facts import Workspace

logger = logging.getLogger(__name__)

Meant = Callable[[dict[str, Any]], bool]
"""Whether a listener wants a request."""

Answering = Callable[[Ack, dict[str, Any]], BoltResponse | None]

APOLOGY = (
    "Something went wrong inside dlvm, and nothing was changed. Please try again; if it stays, tell whoever runs dlvm"
    " this reference: {reference}"
)
BUSY = (
    "dlvm could not use its database just now, and nothing was changed. Please try again in a minute."
    " (reference {reference})"
)
_SEEN_LATER = ("block_actions", "message_action")
"""What is answered through a response URL: whatever the acknowledgement says is shown to nobody."""


class Listening(Protocol):
    """What listens to some of what people do and Slack tells."""

    def register(self, app: App) -> None:
        """Registers its listeners; of two that match the earlier one hears it."""
        ...


def build(
    listening: Sequence[Listening],
    replies: Replies,
    *,
    signing_secret: str,
    base_url: str,
    workspace_of: Callable[[str], Workspace | None],
    token_of: Callable[[str], str | None],
) -> App:
    """The app with everything people can do; asks Slack nothing by itself."""
    app = App(
        name="dlvm",
        logger=logging.getLogger("slack_bolt.dlvm"),
        signing_secret=signing_secret,
        client=WebClient(base_url=base_url, retry_handlers=[]),
        authorize=_authorizing(workspace_of, token_of),  # type: ignore[arg-type] # Bolt takes None for "not installed"
        process_before_response=True,
    )
    typed = _Typed()
    for each in listening:
        each.register(_Only(app, ("use",), typed))  # type: ignore[arg-type] # of the app, some of it
    app.command(COMMAND)(typed.hear)
    for kinds in (("event",), _OTHERS):
        for each in listening:
            each.register(_Only(app, kinds))  # type: ignore[arg-type] # the same
    app.action(re.compile(r".*"))(_nothing)
    app.event(re.compile(r".*"))(_nothing)
    app.error(_Apology(replies).answer)
    return app


_OTHERS = ("action", "view", "options", "message_shortcut")


class _Only:
    """The app for some kinds of listeners, which passes over all others.

    Bolt tries one listener after the other, and each try takes as long as a query: what is asked most comes first.
    """

    def __init__(self, app: App, kinds: Sequence[str], typed: "_Typed | None" = None) -> None:
        self._app = app
        self._kinds = kinds
        self._typed = typed

    def command(self, _: str, matchers: Sequence[Meant] = ()) -> Callable[[Answering], Answering]:
        """Registers who hears the command; the earlier one hears it that wants it."""
        return partial(self._typed.add, matchers) if self._typed else lambda listener: listener

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., object]]:
        if kind not in ("use", "event", *_OTHERS):
            raise AttributeError(f"what kind of listener is {kind}?")
        registered: Callable[..., Callable[..., object]] = getattr(self._app, kind)
        return registered if kind in self._kinds else lambda *_, **__: lambda listener: listener


class _Typed:
    """One listener of Bolt's for the command, whichever of ours it is meant for."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Sequence[Meant], Answering]] = []

    def add(self, matchers: Sequence[Meant], listener: Answering) -> Answering:
        self._listeners.append((matchers, listener))
        return listener

    def hear(self, ack: Ack, body: dict[str, Any]) -> BoltResponse | None:
        """The first one that wants it."""
        wanted = (listener for matchers, listener in self._listeners if all(meant(body) for meant in matchers))
        return next(wanted)(ack, body)


def _nothing(ack: Ack) -> None:
    """Something that needs no answer, such as a link button or an event nobody listens to."""
    ack()


def _authorizing(
    workspace_of: Callable[[str], Workspace | None], token_of: Callable[[str], str | None]
) -> Callable[..., AuthorizeResult | None]:
    """Who the bot is in a workspace, from what was stored at the start: no question to Slack for a request."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # an organisation's installation is good for workspaces that nobody heard of yet, and for what concerns them all
        workspace = workspace_of(team_id or "") or workspace_of(enterprise_id or "")
        if workspace is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
            bot_token=token_of(workspace.workspace_id),
        )

    return authorize


def _first_input(body: dict[str, Any]) -> str:
    """The block of a modal that errors may stand under."""
    blocks = body.get("view", {}).get("blocks") or ()
    return next((str(each["block_id"]) for each in blocks if each.get("type") == "input"), settings.NAMES[0])


class _Apology:
    """The one handler of what must not happen: the traceback to the log, a reference to the person."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def answer(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """Always 200: any other status shows the person Slack's own error instead."""
        reference = secrets.token_hex(4)
        sentence = (BUSY if isinstance(error, DatabaseError) else APOLOGY).format(reference=reference)
        logger.error("reference %s", reference, exc_info=error)
        response_url = body.get("response_url")
        if body.get("type") in _SEEN_LATER and isinstance(response_url, str):
            self._replies.reply(response_url, {"text": sentence}, replace=False)
            return BoltResponse(status=200, body="")
        if body.get("type") == "view_submission":
            shown = {"response_action": "errors", "errors": {_first_input(body): sentence}}
        else:
            shown = {"response_type": "ephemeral", "text": sentence}
        return BoltResponse(status=200, body=json.dumps(shown), headers={"content-type": ["application/json"]})
