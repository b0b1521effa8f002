"""Listeners for the form to subscribe a channel, and for the live preview in the settings form."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, App

from bot import answers
from bot.answers import ChannelLook
from bot.commands import parser
from bot.commands.dispatcher import UNCHECKED
from bot.service.place import Place
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.lookup import VersionLookup
from bot.slack.blocks.modals import settings, subscribe
from bot.slack.blocks.render import render_plain_text
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import CHANNEL_ID, COMMAND, Body

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,30}")
_MARKUP = re.compile(r"[`*]")
_PREVIEWED_FIELDS = re.compile(rf"^({'|'.join(settings.FIELD_NAMES)})$")


class ChannelAccess(Struct, frozen=True):
    """Checks whether a person can subscribe a channel chosen in a form."""

    look_up: Callable[[Place], ChannelLook]
    list_memberships: Callable[[Place], Mapping[str, str] | None]
    check_permission: Callable[[Place, datetime], answers.PermissionDenied | None]
    """Returns why the person can't change a channel, or None if they can."""

    def is_member(self, place: Place, look: ChannelLook | None = None) -> bool:
        """Return True unless the channel is private, visible to the bot, and Slack doesn't list the person as a member.

        A direct message has one person, who is the only one to receive a form for it. Slack is asked if `look` is None.
        """
        if place.channel_id.startswith("D"):
            return True
        look = look or self.look_up(place)
        if look.is_public or look.reach in {answers.ChannelReach.UNREACHABLE, answers.ChannelReach.UNCHECKED}:
            return True
        names = self.list_memberships(place)
        return names is not None and place.channel_id in names


class SubscribeFormListeners:
    """Listeners for the form to subscribe, and for fields of the settings form."""

    def __init__(
        self,
        subscribe_form: SubscribeForm,
        lookup: VersionLookup,
        editor: SettingsEditor,
        views: ViewsClient,
        access: ChannelAccess,
        now: Callable[[], datetime],
    ) -> None:
        self._subscribe_form = subscribe_form
        self._lookup = lookup
        self._editor = editor
        self._views = views
        self._access = access
        self._now = now

    def register(self, app: App) -> None:
        """Register the listeners. They must be registered before the listener for all commands."""
        app.command(COMMAND, matchers=[_is_bare_subscribe])(self.open_from_command)
        app.action("subscribe_open")(self.open)
        app.options(subscribe.VERSIONS)(self.suggest_versions)
        app.view(subscribe.FORM)(self.submit)
        app.action(_PREVIEWED_FIELDS, matchers=[_is_settings_view])(self.preview_settings)

    def open_from_command(self, ack: Ack, body: Body) -> None:
        """Open the form for `/dlvm subscribe` without versions."""
        self._views.open(str(body["team_id"]), str(body["trigger_id"]), subscribe.render_form())
        ack()

    def open(self, ack: Ack, body: Body) -> None:
        """Open the form for the button *Subscribe…*."""
        self._views.open(str(body["team"]["id"]), str(body["trigger_id"]), subscribe.render_form())
        ack()

    def suggest_versions(self, ack: Ack, body: Body) -> None:
        """Suggest versions that match the typed text."""
        typed = str(body.get("value") or "")[:200]
        place = Place(str(body["team"]["id"]), "", str(body["user"]["id"]))
        versions = self._lookup.suggest_versions(typed, place, self._now())
        ack(options=subscribe.list_options(versions, typed))

    def submit(self, ack: Ack, body: Body) -> None:
        """Subscribe the channel, or show errors under the fields."""
        channel_id = _get_choice(body, subscribe.CHANNEL, "selected_conversation")
        place = Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"]))
        look = self._access.look_up(place) if _CHANNEL_ID.fullmatch(channel_id) else UNCHECKED
        refusal = self._explain_refusal(place, look)
        if refusal:
            ack(response_action="errors", errors={subscribe.CHANNEL: refusal})
            return
        answer = self._subscribe(body, place, look)
        if isinstance(answer, answers.Subscribed):
            ack(response_action="update", view=subscribe.render_done(answer, channel_id))
        else:
            ack(response_action="errors", errors=_to_field_errors(answer))

    def _subscribe(self, body: Body, place: Place, look: ChannelLook) -> answers.Answer:
        targets, values = _parse_targets(body), _parse_setting_values(body)
        return self._subscribe_form.submit(
            targets, values, place, self._now(), reach=look.reach, is_public=look.is_public
        )

    def _explain_refusal(self, place: Place, look: ChannelLook) -> str:
        """Return why the person can't subscribe the channel. Empty if they can."""
        if not _CHANNEL_ID.fullmatch(place.channel_id) or not self._access.is_member(place, look):
            return "Choose a channel you’re in."
        denied = self._access.check_permission(place, self._now())
        return render_plain_text(denied) if denied is not None else ""

    def preview_settings(self, ack: Ack, body: Body) -> None:
        """Show the next reminders as the changed settings would send them, without saving anything."""
        view = body["view"]
        place = Place(str(body["team"]["id"]), str(view["private_metadata"]), str(body["user"]["id"]))
        if CHANNEL_ID.fullmatch(place.channel_id) and self._access.is_member(place):
            stored = self._editor.show(place, self._now())
            preview = self._editor.preview(settings.read_values(view), place, self._now())
            form = settings.render_form(stored, place.channel_id, preview)
            self._views.update(place.workspace_id, str(view["id"]), str(view["hash"]), form)
        ack()


def _is_bare_subscribe(body: Body) -> bool:
    return parser.is_bare_subscribe(str(body.get("text") or ""))


def _is_settings_view(body: Body) -> bool:
    return bool((body.get("view") or {}).get("callback_id") == settings.SETTINGS)


def _get_value(body: Body, name: str) -> dict[str, Any]:
    return dict(body["view"]["state"]["values"].get(name, {}).get(name) or {})


def _get_choice(body: Body, name: str, key: str) -> str:
    return str(_get_value(body, name).get(key) or "")


def _parse_targets(body: Body) -> list[str]:
    options = _get_value(body, subscribe.VERSIONS).get("selected_options") or ()
    return [str(option.get("value")) for option in options]


def _parse_setting_values(body: Body) -> list[tuple[str, str]]:
    """Return the settings that the form changes, by name."""
    option = _get_value(body, subscribe.LADDER).get("selected_option") or {}
    _, ladder = subscribe.LADDER_PRESETS.get(str(option.get("value")), ("", ""))
    person = _get_choice(body, subscribe.MENTION, "selected_user")
    return [(name, value) for name, value in (("ladder", ladder), ("mention", person)) if value]


def _to_field_errors(answer: answers.Answer) -> dict[str, str]:
    """Return an error message for each field it is about."""
    if isinstance(answer, answers.ChannelSettings):
        return {name: _MARKUP.sub("", message) for name, message in answer.errors}
    return {subscribe.VERSIONS: render_plain_text(answer)}
