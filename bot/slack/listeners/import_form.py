"""Listeners for `/dlvm import`: the form for the document, the preview of its changes, and applying them."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack

from bot import answers
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from bot.service.subscriptions.import_export import ImportExport
from bot.slack.blocks import import_export
from bot.slack.blocks.render import render
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.requests import CHANNEL_ID, Body, get_field, parse_place

_EXPIRED = "This form is no longer valid. Please open it again with /dlvm import."
_TOO_LONG = "This document is too long for a form. Use dlvm subscriptions import FILE on the command line."
_MAX_METADATA_LENGTH = 3_000


class ImportFormListeners(Struct, frozen=True):
    """Listeners for `/dlvm import` and its two forms."""

    permissions: Permissions
    import_export: ImportExport
    views: ViewsClient
    now: Callable[[], datetime]

    def open(self, place: Place, trigger_id: str) -> answers.PermissionDenied | None:
        """Open the form, or return why the person can't change the channel."""
        denied = self.permissions.check(place, self.now())
        if denied is None:
            self.views.open(place.workspace_id, trigger_id, import_export.render_form(place.channel_id))
        return denied

    def compare(self, ack: Ack, body: Body) -> None:
        """Show what the pasted document would change."""
        view = body["view"]
        text = str(get_field(view, import_export.FIELD).get("value") or "")
        channel_id = str(view["private_metadata"])
        result = self._run_if_allowed(body, channel_id, lambda place: self.import_export.compare(text, place))
        metadata = json.dumps([channel_id, text], ensure_ascii=False)
        if isinstance(result, str) or len(metadata) > _MAX_METADATA_LENGTH:
            error = result if isinstance(result, str) else _TOO_LONG
            ack(response_action="errors", errors={import_export.FIELD: error})
        else:
            ack(response_action="update", view=import_export.render_confirmation(result, metadata))

    def apply(self, ack: Ack, body: Body) -> None:
        """Apply the document after the person has confirmed its changes."""
        channel_id, text = _parse_metadata(str(body["view"]["private_metadata"]))
        result = self._run_if_allowed(body, channel_id, lambda place: self.import_export.apply(text, place, self.now()))
        if isinstance(result, str):
            ack(response_action="update", view=import_export.render_refusal(result))
        else:
            ack(response_action="update", view=import_export.render_done(result))

    def _run_if_allowed(
        self, body: Body, channel_id: str, action: Callable[[Place], answers.ImportResult | answers.InvalidRequest]
    ) -> answers.ImportResult | str:
        """Run the action for the form's channel. Return its result, or why nothing was done.

        Checks permissions each time, because they can change while the form is open.
        """
        if not CHANNEL_ID.fullmatch(channel_id):
            return _EXPIRED
        place = parse_place(body, channel_id)
        denied = self.permissions.check(place, self.now())
        result = denied or action(place)
        if isinstance(result, answers.PermissionDenied):
            return str(render(result)["blocks"][0]["text"]["text"])
        return result.message.replace("`", "") if isinstance(result, answers.InvalidRequest) else result


def _parse_metadata(metadata: str) -> tuple[str, str]:
    """Return the channel ID and the document in a form's metadata. Both are empty if it is forged."""
    with suppress(ValueError):
        match json.loads(metadata):
            case [str(channel_id), str(text)]:
                return channel_id, text
    return "", ""
