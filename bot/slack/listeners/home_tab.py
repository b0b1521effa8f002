"""The Home tab: published when it is opened, and again after what people do on it."""

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot.service.place import Place
from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.settings import SettingsEditor
from bot.slack.blocks import home
from bot.slack.blocks.modals import settings as modals
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import Body

_HOME_ACTIONS = re.compile(r"^home_(previous|next|framework|channel|refresh)$")


class HomeTabListeners:
    """One method for each thing a person can do on Home."""

    def __init__(
        self, home_tab: HomeTab, settings: SettingsEditor, views: ViewsClient, now: Callable[[], datetime]
    ) -> None:
        self._home_tab = home_tab
        self._settings = settings
        self._views = views
        self._now = now

    def register(self, app: App) -> None:
        """Opening it, its buttons and its menus."""
        app.event("app_home_opened")(self.open)
        app.action(_HOME_ACTIONS)(self.update)
        app.action("home_settings")(self.open_settings)

    def open(self, ack: Ack, body: Body, event: Body) -> None:
        """Somebody opened Home, or its other tab, which needs nothing."""
        if event.get("tab", "home") == "home":
            person = Place(str(body["team_id"]), "", str(event["user"]))
            self._publish(person, event.get("view") or {})
        ack()

    def update(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody turned the page, filtered, or wants to see it as it is now."""
        self._publish(_parse_viewer(body), body.get("view") or {}, action)
        ack()

    def open_settings(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody wants to change a channel's settings; one they may not see is not opened."""
        person, channel_id = _parse_viewer(body), str(action.get("value") or "")
        if self._home_tab.can_see(person, channel_id):
            answer = self._settings.show(Place(person.workspace_id, channel_id, person.user_id), self._now())
            view = modals.render_form(answer, channel_id)
            self._views.open(person.workspace_id, str(body["trigger_id"]), view)
        ack()

    def _publish(self, viewer: Place, current_view: Body, action: Body | None = None) -> None:
        answer = self._home_tab.show(viewer, self._now(), home.parse_selection(current_view, action))
        self._views.publish(viewer.workspace_id, viewer.user_id, home.render(answer))


def _parse_viewer(body: Body) -> Place:
    return Place(str(body["team"]["id"]), "", str(body["user"]["id"]))
