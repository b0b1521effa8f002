"""The Bolt app: registers every listener, authorises requests and handles unexpected errors."""

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
"""Return True if a listener handles a request, given its body."""

CommandListener = Callable[[Ack, dict[str, Any]], BoltResponse | None]

APOLOGY = (
    "Something went wrong, and nothing was changed. Please try again. If it keeps happening, give your dlvm admin"
    " this reference: {reference}"
)
DATABASE_APOLOGY = (
    "dlvm can’t reach its database right now, so nothing was changed. Please try again in a minute"
    " (reference {reference})."
)
_ANSWERED_BY_RESPONSE_URL = ("block_actions", "message_action")
"""Payload types answered through their response URL: Slack doesn't show what their acknowledgement says."""


class ListenerSet(Protocol):
    """Listeners that belong together, such as those of one form."""

    def register(self, app: App) -> None:
        """Register the listeners. If two listeners match a request, the one registered first handles it."""
        ...


def build_bolt_app(
    listener_sets: Sequence[ListenerSet],
    responder: Responder,
    *,
    signing_secret: str,
    base_url: str,
    find_workspace: Callable[[str], Workspace | None],
    find_token: Callable[[str], str | None],
) -> App:
    """Return the Bolt app with every listener. Makes no call to Slack."""
    app = App(
        name="dlvm",
        logger=logging.getLogger("slack_bolt.dlvm"),
        signing_secret=signing_secret,
        client=WebClient(base_url=base_url, retry_handlers=[]),
        authorize=_build_authorize(find_workspace, find_token),  # type: ignore[arg-type] # Bolt takes None for "not installed"
        process_before_response=True,
    )
    router = _CommandRouter()
    for listener_set in listener_sets:
        listener_set.register(_FilteredApp(app, ("use",), router))  # type: ignore[arg-type] # has what listeners use of App
    app.command(COMMAND)(router.route)
    for kinds in (("event",), _INTERACTION_KINDS):
        for listener_set in listener_sets:
            listener_set.register(_FilteredApp(app, kinds))  # type: ignore[arg-type] # has what listeners use of App
    app.action(re.compile(r".*"))(_acknowledge)
    app.event(re.compile(r".*"))(_acknowledge)
    app.error(_ErrorHandler(responder).handle)
    return app


_INTERACTION_KINDS = ("action", "view", "options", "message_shortcut")


class _FilteredApp:
    """A stand-in for App that registers some kinds of listeners and ignores the others.

    Bolt tries listeners in the order of registration, and each try takes as long as a database query. Registering one
    kind at a time puts the most frequent kind first.
    """

    def __init__(self, app: App, kinds: Sequence[str], router: "_CommandRouter | None" = None) -> None:
        self._app = app
        self._kinds = kinds
        self._router = router

    def command(self, _: str, matchers: Sequence[Matcher] = ()) -> Callable[[CommandListener], CommandListener]:
        """Add a listener for the command to the router, if there is one."""
        return partial(self._router.add, matchers) if self._router else lambda listener: listener

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., object]]:
        if kind not in ("use", "event", *_INTERACTION_KINDS):
            raise AttributeError(f"unknown kind of listener: {kind}")
        register: Callable[..., Callable[..., object]] = getattr(self._app, kind)
        return register if kind in self._kinds else lambda *_, **__: lambda listener: listener


class _CommandRouter:
    """The only Bolt listener for the command. It calls the first added listener whose matchers accept the request."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Sequence[Matcher], CommandListener]] = []

    def add(self, matchers: Sequence[Matcher], listener: CommandListener) -> CommandListener:
        self._listeners.append((matchers, listener))
        return listener

    def route(self, ack: Ack, body: dict[str, Any]) -> BoltResponse | None:
        """Call the first matching listener."""
        matching = (listener for matchers, listener in self._listeners if all(matches(body) for matches in matchers))
        return next(matching)(ack, body)


def _acknowledge(ack: Ack) -> None:
    """Acknowledge a request that needs no answer, such as a link button or an event without a listener."""
    ack()


def _build_authorize(
    find_workspace: Callable[[str], Workspace | None], find_token: Callable[[str], str | None]
) -> Callable[..., AuthorizeResult | None]:
    """Return Bolt's `authorize` function, which looks up stored workspaces instead of asking Slack at each request."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # An organisation's installation also covers workspaces not seen before, and requests without a workspace.
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
    """Return the ID of the modal's first input block: Slack shows errors only under input blocks."""
    blocks = body.get("view", {}).get("blocks") or ()
    return next((str(block["block_id"]) for block in blocks if block.get("type") == "input"), settings.FIELD_NAMES[0])


class _ErrorHandler:
    """The handler of unexpected errors: logs the traceback under a reference and shows the person the reference."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def handle(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """Log the error and apologise. The status is always 200: for any other, Slack shows its own error message."""
        reference = secrets.token_hex(4)
        apology = (DATABASE_APOLOGY if isinstance(error, DatabaseError) else APOLOGY).format(reference=reference)
        logger.error("Unexpected error, reference %s", reference, exc_info=error)
        response_url = body.get("response_url")
        if body.get("type") in _ANSWERED_BY_RESPONSE_URL and isinstance(response_url, str):
            self._responder.reply(response_url, {"text": apology}, replace=False)
            return BoltResponse(status=200, body="")
        if body.get("type") == "view_submission":
            answer = {"response_action": "errors", "errors": {_find_first_input(body): apology}}
        else:
            answer = {"response_type": "ephemeral", "text": apology}
        return BoltResponse(status=200, body=json.dumps(answer), headers={"content-type": ["application/json"]})
