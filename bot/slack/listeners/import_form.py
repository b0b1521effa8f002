"""`/dlvm import`: the form a document is pasted into, the difference, and applying it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot import answers
from bot.commands import model, parser
from bot.commands.dispatcher import Conversation
from bot.service.place import Place
from bot.slack.blocks import import_export
from bot.slack.blocks.render import draw
from bot.slack.client.views import Surfaces
from bot.slack.listeners.commands import CHANNEL_ID, COMMAND, Body

_EXPIRED = "This form is no longer valid; open it again with /dlvm import."
_LONGEST_METADATA = 3_000


class Importing:
    """Hears the command before the others do, and the two forms."""

    def __init__(self, conversation: Conversation, surfaces: Surfaces, now: Callable[[], datetime]) -> None:
        self._conversation = conversation
        self._surfaces = surfaces
        self._now = now

    def register(self, app: App) -> None:
        """To be registered before the command itself."""
        app.command(COMMAND, matchers=[_wants_import])(self.open)
        app.view(import_export.IMPORT)(self.compare)
        app.view(import_export.CONFIRM)(self.apply)

    def open(self, ack: Ack, body: Body) -> None:
        """Somebody wants to import: the form, for those who may."""
        place = Place(str(body["team_id"]), str(body["channel_id"]), str(body["user_id"]))
        denied = self._conversation.permissions.refusal(place, self._now())
        if denied is not None:
            ack(response_type="ephemeral", **draw(denied))
            return
        self._surfaces.open(place.workspace_id, str(body["trigger_id"]), import_export.form(place.channel_id))
        ack()

    def compare(self, ack: Ack, body: Body) -> None:
        """Somebody pasted a document: what it would change."""
        view = body["view"]
        text = str(view["state"]["values"][import_export.FIELD][import_export.FIELD].get("value") or "")
        found = self._checked(body, str(view["private_metadata"]), lambda place: self._compared(text, place))
        if isinstance(found, str):
            ack(response_action="errors", errors={import_export.FIELD: found})
            return
        metadata = json.dumps([str(view["private_metadata"]), text], ensure_ascii=False)
        if len(metadata) > _LONGEST_METADATA:
            problem = "That is too long for a form: take `dlvm subscriptions import FILE`.".replace("`", "")
            ack(response_action="errors", errors={import_export.FIELD: problem})
            return
        ack(response_action="update", view=import_export.confirm(found, metadata))

    def apply(self, ack: Ack, body: Body) -> None:
        """Somebody has seen the difference and wants it."""
        channel_id, text = _carried(str(body["view"]["private_metadata"]))
        found = self._checked(body, channel_id, lambda place: self._conversation.bulk.apply(text, place, self._now()))
        if isinstance(found, str):
            ack(response_action="update", view=import_export.refused(found))
            return
        ack(response_action="update", view=import_export.done(found))

    def _compared(self, text: str, place: Place) -> answers.Imported | answers.Mistaken:
        return self._conversation.bulk.compare(text, place)

    def _checked(
        self, body: Body, channel_id: str, act: Callable[[Place], answers.Imported | answers.Mistaken]
    ) -> answers.Imported | str:
        """What came of it, or the sentence that says why nothing did; permissions may have changed meanwhile."""
        if not CHANNEL_ID.fullmatch(channel_id):
            return _EXPIRED
        place = Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"]))
        denied = self._conversation.permissions.refusal(place, self._now())
        found = denied or act(place)
        if isinstance(found, answers.Denied):
            return str(draw(found)["blocks"][0]["text"]["text"])
        return found.sentence.replace("`", "") if isinstance(found, answers.Mistaken) else found


def _wants_import(body: Body) -> bool:
    return isinstance(parser.read(str(body.get("text") or "")), model.OpenImport)


def _carried(metadata: str) -> tuple[str, str]:
    """The channel and document that travel along; a forged one is no channel's."""
    try:
        found: Any = json.loads(metadata)
    except ValueError:
        return "", ""
    if isinstance(found, list) and len(found) == 2 and all(isinstance(each, str) for each in found):  # noqa: PLR2004 - a pair
        return found[0], found[1]
    return "", ""
