"""The Home tab: published when it is opened, and again after what people do on it."""

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack, App

from bot.service.place import Place
from bot.service.subscriptions.home import Homes
from bot.service.subscriptions.settings import ChannelSettings
from bot.slack.blocks import home
from bot.slack.blocks.modals import settings as modals
from bot.slack.client.views import Surfaces
from bot.slack.listeners.commands import Body

_TURNING = re.compile(r"^home_(previous|next|framework|channel|refresh)$")


class HomeTab:
    """One method for each thing a person can do on Home."""

    def __init__(
        self, homes: Homes, settings: ChannelSettings, surfaces: Surfaces, now: Callable[[], datetime]
    ) -> None:
        self._homes = homes
        self._settings = settings
        self._surfaces = surfaces
        self._now = now

    def register(self, app: App) -> None:
        """Opening it, its buttons and its menus."""
        app.event("app_home_opened")(self.open)
        app.action(_TURNING)(self.turn)
        app.action("home_settings")(self.open_settings)

    def open(self, ack: Ack, body: Body, event: Body) -> None:
        """Somebody opened Home, or its other tab, which needs nothing."""
        if event.get("tab", "home") == "home":
            person = Place(str(body["team_id"]), "", str(event["user"]))
            self._publish(person, event.get("view") or {})
        ack()

    def turn(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody turned the page, filtered, or wants to see it as it is now."""
        self._publish(_person(body), body.get("view") or {}, action)
        ack()

    def open_settings(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody wants to change a channel's settings; one they may not see is not opened."""
        person, channel_id = _person(body), str(action.get("value") or "")
        if self._homes.may_see(person, channel_id):
            answer = self._settings.show(Place(person.workspace_id, channel_id, person.user_id), self._now())
            view = modals.channel_settings(answer, channel_id)
            self._surfaces.open(person.workspace_id, str(body["trigger_id"]), view)
        ack()

    def _publish(self, person: Place, shown: Body, action: Body | None = None) -> None:
        answer = self._homes.show(person, self._now(), home.wish(shown, action))
        self._surfaces.publish(person.workspace_id, person.user_id, home.view(answer))


def _person(body: Body) -> Place:
    return Place(str(body["team"]["id"]), "", str(body["user"]["id"]))
