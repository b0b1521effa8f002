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
from bot.slack.listeners.commands import COMMAND, Responder
from storage.database import DatabaseError
from storage.facts import Workspace

logger = logging.getLogger(__name__)

Matcher = Callable[[dict[str, Any]], bool]
"""Whether a listener wants a request."""

CommandListener = Callable[[Ack, dict[str, Any]], BoltResponse | None]

APOLOGY = (
    "Something went wrong inside dlvm, and nothing was changed. Please try again; if it stays, tell whoever runs dlvm"
    " this reference: {reference}"
)
DATABASE_APOLOGY = (
    "dlvm could not use its database just now, and nothing was changed. Please try again in a minute."
    " (reference {reference})"
)
_ANSWERED_BY_RESPONSE_URL = ("block_actions", "message_action")
"""What is answered through a response URL: whatever the acknowledgement says is shown to nobody."""


class ListenerSet(Protocol):
    """What listens to some of what people do and Slack tells."""

    def register(self, app: App) -> None:
        """Registers its listeners; of two that match the earlier one hears it."""
        ...


def build(
    listener_sets: Sequence[ListenerSet],
    responder: Responder,
    *,
    signing_secret: str,
    base_url: str,
    find_workspace: Callable[[str], Workspace | None],
    find_token: Callable[[str], str | None],
) -> App:
    """The app with everything people can do; asks Slack nothing by itself."""
    app = App(
        name="dlvm",
        logger=logging.getLogger("slack_bolt.dlvm"),
        signing_secret=signing_secret,
        client=WebClient(base_url=base_url, retry_handlers=[]),
        authorize=_build_authorize(find_workspace, find_token),  # type: ignore[arg-type] # Bolt takes None for "not installed"
        process_before_response=True,
    )
    router = _CommandRouter()
    for each in listener_sets:
        each.register(_FilteredApp(app, ("use",), router))  # type: ignore[arg-type] # of the app, some of it
    app.command(COMMAND)(router.route)
    for kinds in (("event",), _INTERACTION_KINDS):
        for each in listener_sets:
            each.register(_FilteredApp(app, kinds))  # type: ignore[arg-type] # the same
    app.action(re.compile(r".*"))(_acknowledge)
    app.event(re.compile(r".*"))(_acknowledge)
    app.error(_ErrorHandler(responder).handle)
    return app


_INTERACTION_KINDS = ("action", "view", "options", "message_shortcut")


class _FilteredApp:
    """The app for some kinds of listeners, which passes over all others.

    Bolt tries one listener after the other, and each try takes as long as a query: what is asked most comes first.
    """

    def __init__(self, app: App, kinds: Sequence[str], router: "_CommandRouter | None" = None) -> None:
        self._app = app
        self._kinds = kinds
        self._router = router

    def command(self, _: str, matchers: Sequence[Matcher] = ()) -> Callable[[CommandListener], CommandListener]:
        """Registers who hears the command; the earlier one hears it that wants it."""
        return partial(self._router.add, matchers) if self._router else lambda listener: listener

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., object]]:
        if kind not in ("use", "event", *_INTERACTION_KINDS):
            raise AttributeError(f"what kind of listener is {kind}?")
        registered: Callable[..., Callable[..., object]] = getattr(self._app, kind)
        return registered if kind in self._kinds else lambda *_, **__: lambda listener: listener


class _CommandRouter:
    """One listener of Bolt's for the command, whichever of ours it is meant for."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Sequence[Matcher], CommandListener]] = []

    def add(self, matchers: Sequence[Matcher], listener: CommandListener) -> CommandListener:
        self._listeners.append((matchers, listener))
        return listener

    def route(self, ack: Ack, body: dict[str, Any]) -> BoltResponse | None:
        """The first one that wants it."""
        wanted = (listener for matchers, listener in self._listeners if all(meant(body) for meant in matchers))
        return next(wanted)(ack, body)


def _acknowledge(ack: Ack) -> None:
    """Something that needs no answer, such as a link button or an event nobody listens to."""
    ack()


def _build_authorize(
    find_workspace: Callable[[str], Workspace | None], find_token: Callable[[str], str | None]
) -> Callable[..., AuthorizeResult | None]:
    """Who the bot is in a workspace, from what was stored at the start: no question to Slack for a request."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # an organisation's installation is good for workspaces that nobody heard of yet, and for what concerns them all
        workspace = find_workspace(team_id or "") or find_workspace(enterprise_id or "")
        if workspace is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
            bot_token=find_token(workspace.workspace_id),
        )

    return authorize


def _find_first_input(body: dict[str, Any]) -> str:
    """The block of a modal that errors may stand under."""
    blocks = body.get("view", {}).get("blocks") or ()
    return next((str(each["block_id"]) for each in blocks if each.get("type") == "input"), settings.FIELD_NAMES[0])


class _ErrorHandler:
    """The one handler of what must not happen: the traceback to the log, a reference to the person."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def handle(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """Always 200: any other status shows the person Slack's own error instead."""
        reference = secrets.token_hex(4)
        sentence = (DATABASE_APOLOGY if isinstance(error, DatabaseError) else APOLOGY).format(reference=reference)
        logger.error("reference %s", reference, exc_info=error)
        response_url = body.get("response_url")
        if body.get("type") in _ANSWERED_BY_RESPONSE_URL and isinstance(response_url, str):
            self._responder.reply(response_url, {"text": sentence}, replace=False)
            return BoltResponse(status=200, body="")
        if body.get("type") == "view_submission":
            shown = {"response_action": "errors", "errors": {_find_first_input(body): sentence}}
        else:
            shown = {"response_type": "ephemeral", "text": sentence}
        return BoltResponse(status=200, body=json.dumps(shown), headers={"content-type": ["application/json"]})
