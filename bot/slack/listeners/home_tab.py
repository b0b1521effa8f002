"""Listeners for the Home tab: opening it, its buttons and its menus."""

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack

from bot.service.place import Place
from bot.service.subscriptions.home import HomeTab
from bot.slack.blocks import home
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.requests import Body, parse_place
from bot.slack.listeners.settings_form import SettingsFormListeners

ACTIONS = re.compile(r"^home_(previous|next|framework|channel|refresh)$")


class HomeTabListeners(Struct, frozen=True):
    """Listeners that publish the Home tab and open channel settings from it."""

    home_tab: HomeTab
    settings_form: SettingsFormListeners
    views: ViewsClient
    now: Callable[[], datetime]

    def open(self, ack: Ack, body: Body, event: Body) -> None:
        """Publish the Home tab when a person opens it. Opening the Messages tab needs no answer."""
        if event.get("tab", "home") == "home":
            self._publish(parse_place(body, ""), event.get("view") or {})
        ack()

    def update(self, ack: Ack, body: Body, action: Body) -> None:
        """Publish the Home tab again after a person turned the page, filtered or refreshed."""
        self._publish(parse_place(body, ""), body.get("view") or {}, action)
        ack()

    def open_settings(self, ack: Ack, body: Body, action: Body) -> None:
        """Open the settings form of a channel, if the person can see the channel."""
        channel_id = str(action.get("value") or "")
        if self.home_tab.can_see(parse_place(body, ""), channel_id):
            self.settings_form.open_for(parse_place(body, channel_id), str(body["trigger_id"]))
        ack()

    def _publish(self, viewer: Place, current_view: Body, action: Body | None = None) -> None:
        answer = self.home_tab.show(viewer, self.now(), home.parse_selection(current_view, action))
        self.views.publish(viewer.workspace_id, viewer.user_id, home.render(answer))
