"""Listeners for the Home tab: opening it, its buttons and its menus."""

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot.service.place import Place
from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.settings import SettingsEditor
from bot.slack.blocks import home
from bot.slack.blocks.modals.settings import render_form
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import Body

_HOME_ACTIONS = re.compile(r"^home_(previous|next|framework|channel|refresh)$")


class HomeTabListeners:
    """Listeners that publish the Home tab and open channel settings from it."""

    def __init__(
        self, home_tab: HomeTab, settings: SettingsEditor, views: ViewsClient, now: Callable[[], datetime]
    ) -> None:
        self._home_tab = home_tab
        self._settings = settings
        self._views = views
        self._now = now

    def register(self, app: App) -> None:
        """Register the listeners."""
        app.event("app_home_opened")(self.open)
        app.action(_HOME_ACTIONS)(self.update)
        app.action("home_settings")(self.open_settings)

    def open(self, ack: Ack, body: Body, event: Body) -> None:
        """Publish the Home tab when a person opens it. Opening the Messages tab needs no answer."""
        if event.get("tab", "home") == "home":
            viewer = Place(str(body["team_id"]), "", str(event["user"]))
            self._publish(viewer, event.get("view") or {})
        ack()

    def update(self, ack: Ack, body: Body, action: Body) -> None:
        """Publish the Home tab again after a person turned the page, filtered or refreshed."""
        self._publish(_parse_viewer(body), body.get("view") or {}, action)
        ack()

    def open_settings(self, ack: Ack, body: Body, action: Body) -> None:
        """Open the settings form of a channel, if the person can see the channel."""
        viewer, channel_id = _parse_viewer(body), str(action.get("value") or "")
        if self._home_tab.can_see(viewer, channel_id):
            answer = self._settings.show(Place(viewer.workspace_id, channel_id, viewer.user_id), self._now())
            self._views.open(viewer.workspace_id, str(body["trigger_id"]), render_form(answer, channel_id))
        ack()

    def _publish(self, viewer: Place, current_view: Body, action: Body | None = None) -> None:
        answer = self._home_tab.show(viewer, self._now(), home.parse_selection(current_view, action))
        self._views.publish(viewer.workspace_id, viewer.user_id, home.render(answer))


def _parse_viewer(body: Body) -> Place:
    return Place(str(body["team"]["id"]), "", str(body["user"]["id"]))
