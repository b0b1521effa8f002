"""`/dlvm import`: the form a document is pasted into, the difference, and applying it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot import answers
from bot.commands import model, parser
from bot.commands.dispatcher import Dispatcher
from bot.service.place import Place
from bot.slack.blocks import import_export
from bot.slack.blocks.render import render
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import CHANNEL_ID, COMMAND, Body

_EXPIRED = "This form is no longer valid; open it again with /dlvm import."
_MAX_METADATA_LENGTH = 3_000


class ImportFormListeners:
    """Hears the command before the others do, and the two forms."""

    def __init__(self, dispatcher: Dispatcher, views: ViewsClient, now: Callable[[], datetime]) -> None:
        self._dispatcher = dispatcher
        self._views = views
        self._now = now

    def register(self, app: App) -> None:
        """To be registered before the command itself."""
        app.command(COMMAND, matchers=[_is_import])(self.open)
        app.view(import_export.IMPORT)(self.compare)
        app.view(import_export.CONFIRM)(self.apply)

    def open(self, ack: Ack, body: Body) -> None:
        """Somebody wants to import: the form, for those who may."""
        place = Place(str(body["team_id"]), str(body["channel_id"]), str(body["user_id"]))
        denied = self._dispatcher.permissions.check(place, self._now())
        if denied is not None:
            ack(response_type="ephemeral", **render(denied))
            return
        self._views.open(place.workspace_id, str(body["trigger_id"]), import_export.render_form(place.channel_id))
        ack()

    def compare(self, ack: Ack, body: Body) -> None:
        """Somebody pasted a document: what it would change."""
        view = body["view"]
        text = str(view["state"]["values"][import_export.FIELD][import_export.FIELD].get("value") or "")
        found = self._run_if_allowed(body, str(view["private_metadata"]), lambda place: self._compare(text, place))
        if isinstance(found, str):
            ack(response_action="errors", errors={import_export.FIELD: found})
            return
        metadata = json.dumps([str(view["private_metadata"]), text], ensure_ascii=False)
        if len(metadata) > _MAX_METADATA_LENGTH:
            problem = "That is too long for a form: take `dlvm subscriptions import FILE`.".replace("`", "")
            ack(response_action="errors", errors={import_export.FIELD: problem})
            return
        ack(response_action="update", view=import_export.render_confirmation(found, metadata))

    def apply(self, ack: Ack, body: Body) -> None:
        """Somebody has seen the difference and wants it."""
        channel_id, text = _parse_metadata(str(body["view"]["private_metadata"]))
        found = self._run_if_allowed(
            body, channel_id, lambda place: self._dispatcher.import_export.apply(text, place, self._now())
        )
        if isinstance(found, str):
            ack(response_action="update", view=import_export.render_refusal(found))
            return
        ack(response_action="update", view=import_export.render_done(found))

    def _compare(self, text: str, place: Place) -> answers.ImportResult | answers.InvalidRequest:
        return self._dispatcher.import_export.compare(text, place)

    def _run_if_allowed(
        self, body: Body, channel_id: str, action: Callable[[Place], answers.ImportResult | answers.InvalidRequest]
    ) -> answers.ImportResult | str:
        """What came of it, or the sentence that says why nothing did; permissions may have changed meanwhile."""
        if not CHANNEL_ID.fullmatch(channel_id):
            return _EXPIRED
        place = Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"]))
        denied = self._dispatcher.permissions.check(place, self._now())
        found = denied or action(place)
        if isinstance(found, answers.PermissionDenied):
            return str(render(found)["blocks"][0]["text"]["text"])
        return found.message.replace("`", "") if isinstance(found, answers.InvalidRequest) else found


def _is_import(body: Body) -> bool:
    return isinstance(parser.parse(str(body.get("text") or "")), model.OpenImport)


def _parse_metadata(metadata: str) -> tuple[str, str]:
    """The channel and document that travel along; a forged one is no channel's."""
    try:
        found: Any = json.loads(metadata)
    except ValueError:
        return "", ""
    if isinstance(found, list) and len(found) == 2 and all(isinstance(each, str) for each in found):  # noqa: PLR2004 - a pair
        return found[0], found[1]
    return "", ""
