"""Listeners for the form with a channel's settings, and for its live preview."""

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack

from bot.service.place import Place
from bot.service.subscriptions.settings import SettingsEditor
from bot.slack.blocks.modals import settings
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.requests import CHANNEL_ID, Body, ChannelAccess, parse_place

FIELDS = re.compile(rf"^({'|'.join(settings.FIELD_NAMES)})$")
"""Action IDs of the fields, of which each change is previewed."""


class SettingsFormListeners(Struct, frozen=True):
    """Listeners for the settings form."""

    editor: SettingsEditor
    views: ViewsClient
    access: ChannelAccess
    now: Callable[[], datetime]

    def open(self, ack: Ack, body: Body) -> None:
        """Open the form with the channel's settings."""
        self.open_for(parse_place(body), str(body["trigger_id"]))
        ack()

    def open_for(self, place: Place, trigger_id: str) -> None:
        """Open the form for a channel."""
        answer = self.editor.show(place, self.now())
        self.views.open(place.workspace_id, trigger_id, settings.render_form(answer, place.channel_id))

    def preview(self, ack: Ack, body: Body) -> None:
        """Show the next reminders as the changed settings would send them, without saving anything."""
        view = body["view"]
        place = parse_place(body, str(view["private_metadata"]))
        if CHANNEL_ID.fullmatch(place.channel_id) and self.access.can_access(place):
            stored = self.editor.show(place, self.now())
            preview = self.editor.preview(settings.read_values(view), place, self.now())
            form = settings.render_form(stored, place.channel_id, preview)
            self.views.update(place.workspace_id, str(view["id"]), str(view["hash"]), form)
        ack()

    def save(self, ack: Ack, body: Body) -> None:
        """Save the channel's settings, or show errors under the fields."""
        view = body["view"]
        place = parse_place(body, str(view["private_metadata"]))
        refusal = self._explain_refusal(place)
        if refusal:
            ack(response_action="errors", errors={settings.FIELD_NAMES[0]: refusal})
            return
        answer = self.editor.change(settings.read_values(view), place, self.now())
        if answer.errors:
            ack(response_action="errors", errors={name: text.replace("`", "") for name, text in answer.errors})
        else:
            ack(response_action="update", view=settings.render_saved(answer))

    def _explain_refusal(self, place: Place) -> str:
        if not CHANNEL_ID.fullmatch(place.channel_id):
            return "This form is no longer valid. Please open it again."
        if not self.access.can_access(place):
            return "Only channel members can change its settings, and Slack didn’t confirm that you’re one."
        return self.access.explain_denial(place, self.now())


def is_settings_view(body: Body) -> bool:
    """Return True if an action is in the settings form: other views have fields of the same names."""
    return bool((body.get("view") or {}).get("callback_id") == settings.SETTINGS)
