"""Forms: subscribing a channel in a modal, and the live preview of a channel's settings."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, App

from bot import answers
from bot.commands import parser
from bot.commands.dispatcher import UNCHECKED, ChannelLook
from bot.service.place import Place
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.lookup import VersionLookup
from bot.slack.blocks.modals import settings as modals
from bot.slack.blocks.modals import subscribe as subscribing
from bot.slack.blocks.render import render_plain_text
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import CHANNEL_ID, COMMAND, Body

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,30}")
_MARKUP = re.compile(r"[`*]")
_PREVIEWED_FIELDS = re.compile(rf"^({'|'.join(modals.FIELD_NAMES)})$")


class ChannelAccess(Struct, frozen=True):
    """What is asked of Slack before somebody subscribes a channel in a form."""

    look_up: Callable[[Place], ChannelLook]
    list_memberships: Callable[[Place], Mapping[str, str] | None]
    check_permission: Callable[[Place, datetime], answers.PermissionDenied | None]
    """Why the person may not change a channel; None where they may."""

    def is_member(self, place: Place, look: ChannelLook | None = None) -> bool:
        """Whether the person may be taken to be in the channel; asks Slack, where `seen` does not say, to see it.

        A private channel the bot can see is opened only to somebody Slack says is in it. A direct message holds one
        person, and what a form carries of it only that person was sent.
        """
        if place.channel_id.startswith("D"):
            return True
        look = look or self.look_up(place)
        if look.is_public or look.reach in {answers.ChannelReach.UNREACHABLE, answers.ChannelReach.UNCHECKED}:
            return True
        names = self.list_memberships(place)
        return names is not None and place.channel_id in names


class SubscribeFormListeners:
    """One method for each thing a person can do in a form."""

    def __init__(
        self,
        subscribe_form: SubscribeForm,
        lookup: VersionLookup,
        settings: SettingsEditor,
        views: ViewsClient,
        access: ChannelAccess,
        now: Callable[[], datetime],
    ) -> None:
        self._subscribe_form = subscribe_form
        self._lookup = lookup
        self._settings = settings
        self._views = views
        self._access = access
        self._now = now

    def register(self, app: App) -> None:
        """Before the listener of the whole command: `subscribe` alone is a form's."""
        app.command(COMMAND, matchers=[_is_bare_subscribe])(self.open_from_command)
        app.action("subscribe_open")(self.open)
        app.options(subscribing.VERSIONS)(self.suggest_versions)
        app.view(subscribing.FORM)(self.submit)
        app.action(_PREVIEWED_FIELDS, matchers=[_is_settings_view])(self.preview_settings)

    def open_from_command(self, ack: Ack, body: Body) -> None:
        """Somebody typed `/dlvm subscribe` without saying what."""
        self._views.open(str(body["team_id"]), str(body["trigger_id"]), subscribing.render_form())
        ack()

    def open(self, ack: Ack, body: Body) -> None:
        """Somebody pressed *Subscribe…*."""
        self._views.open(str(body["team"]["id"]), str(body["trigger_id"]), subscribing.render_form())
        ack()

    def suggest_versions(self, ack: Ack, body: Body) -> None:
        """Somebody types into the field for versions."""
        typed = str(body.get("value") or "")[:200]
        ack(
            options=subscribing.list_options(
                self._lookup.suggest_versions(typed, _parse_person(body), self._now()), typed
            )
        )

    def submit(self, ack: Ack, body: Body) -> None:
        """Somebody sent the form."""
        channel_id = _get_choice(body, subscribing.CHANNEL, "selected_conversation")
        place = Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"]))
        seen = self._access.look_up(place) if _CHANNEL_ID.fullmatch(channel_id) else UNCHECKED
        closed = self._explain_refusal(place, seen)
        if closed:
            ack(response_action="errors", errors={subscribing.CHANNEL: closed})
            return
        answer = self._subscribe(body, place, seen)
        if isinstance(answer, answers.Subscribed):
            ack(response_action="update", view=subscribing.render_done(answer, channel_id))
        else:
            ack(response_action="errors", errors=_to_field_errors(answer))

    def _subscribe(self, body: Body, place: Place, look: ChannelLook) -> answers.Answer:
        targets, wishes = _parse_targets(body), _parse_setting_values(body)
        return self._subscribe_form.submit(
            targets, wishes, place, self._now(), reach=look.reach, is_public=look.is_public
        )

    def _explain_refusal(self, place: Place, look: ChannelLook) -> str:
        """Why the person may not subscribe the channel; empty where they may."""
        if not _CHANNEL_ID.fullmatch(place.channel_id) or not self._access.is_member(place, look):
            return "Choose a channel that you are in."
        denied = self._access.check_permission(place, self._now())
        return render_plain_text(denied) if denied is not None else ""

    def preview_settings(self, ack: Ack, body: Body) -> None:
        """Somebody changed a field of the settings: the next reminders as they would be, nothing saved."""
        view = body["view"]
        place = Place(str(body["team"]["id"]), str(view["private_metadata"]), str(body["user"]["id"]))
        if CHANNEL_ID.fullmatch(place.channel_id) and self._access.is_member(place):
            stored = self._settings.show(place, self._now())
            tried = self._settings.preview(modals.read_values(view), place, self._now())
            drawn = modals.render_form(stored, place.channel_id, tried)
            self._views.update(place.workspace_id, str(view["id"]), str(view["hash"]), drawn)
        ack()


def _is_bare_subscribe(body: Body) -> bool:
    return parser.is_bare_subscribe(str(body.get("text") or ""))


def _is_settings_view(body: Body) -> bool:
    return bool((body.get("view") or {}).get("callback_id") == modals.SETTINGS)


def _parse_person(body: Body) -> Place:
    return Place(str(body["team"]["id"]), "", str(body["user"]["id"]))


def _get_value(body: Body, name: str) -> dict[str, Any]:
    return dict(body["view"]["state"]["values"].get(name, {}).get(name) or {})


def _get_choice(body: Body, name: str, key: str) -> str:
    return str(_get_value(body, name).get(key) or "")


def _parse_targets(body: Body) -> list[str]:
    chosen = _get_value(body, subscribing.VERSIONS).get("selected_options") or ()
    return [str(option.get("value")) for option in chosen]


def _parse_setting_values(body: Body) -> list[tuple[str, str]]:
    """What the form changes of the channel's settings."""
    option = _get_value(body, subscribing.LADDER).get("selected_option") or {}
    _, ladder = subscribing.LADDER_PRESETS.get(str(option.get("value")), ("", ""))
    person = _get_choice(body, subscribing.MENTION, "selected_user")
    return [(name, value) for name, value in (("ladder", ladder), ("mention", person)) if value]


def _to_field_errors(answer: answers.Answer) -> dict[str, str]:
    """Each sentence under the field it is about."""
    if isinstance(answer, answers.ChannelSettings):
        return {name: _MARKUP.sub("", sentence) for name, sentence in answer.errors}
    return {subscribing.VERSIONS: render_plain_text(answer)}
