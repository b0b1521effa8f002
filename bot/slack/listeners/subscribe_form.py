"""Listeners for the form to subscribe a channel."""

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack

from bot import answers
from bot.answers import UNCHECKED, ChannelLook
from bot.service.place import Place
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.lookup import VersionLookup
from bot.slack.blocks.modals import subscribe
from bot.slack.blocks.render import render_plain_text
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.requests import Body, ChannelAccess, get_field, parse_place

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,30}")
_MARKUP = re.compile(r"[`*]")


class SubscribeFormListeners(Struct, frozen=True):
    """Listeners for the form to subscribe."""

    subscribe_form: SubscribeForm
    lookup: VersionLookup
    views: ViewsClient
    access: ChannelAccess
    now: Callable[[], datetime]

    def open_from_command(self, place: Place, trigger_id: str) -> None:
        """Open the form for `/dlvm subscribe` without versions."""
        self.views.open(place.workspace_id, trigger_id, subscribe.render_form())

    def open(self, ack: Ack, body: Body) -> None:
        """Open the form for the button *Subscribe…*."""
        self.open_from_command(parse_place(body), str(body["trigger_id"]))
        ack()

    def suggest_versions(self, ack: Ack, body: Body) -> None:
        """Suggest versions that match the typed text."""
        typed = str(body.get("value") or "")[:200]
        versions = self.lookup.suggest_versions(typed, parse_place(body, ""), self.now())
        ack(options=subscribe.list_options(versions, typed))

    def submit(self, ack: Ack, body: Body) -> None:
        """Subscribe the channel, or show errors under the fields."""
        channel_id = _get_choice(body, subscribe.CHANNEL, "selected_conversation")
        place = parse_place(body, channel_id)
        look = self.access.look_up(place) if _CHANNEL_ID.fullmatch(channel_id) else UNCHECKED
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
        options = get_field(body["view"], subscribe.VERSIONS).get("selected_options") or ()
        targets, values = [str(option.get("value")) for option in options], _parse_setting_values(body)
        return self.subscribe_form.submit(
            targets, values, place, self.now(), reach=look.reach, is_public=look.is_public
        )

    def _explain_refusal(self, place: Place, look: ChannelLook) -> str:
        if not _CHANNEL_ID.fullmatch(place.channel_id) or not self.access.can_access(place, look):
            return "Choose a channel you’re in."
        return self.access.explain_denial(place, self.now())


def _get_choice(body: Body, name: str, key: str) -> str:
    return str(get_field(body["view"], name).get(key) or "")


def _parse_setting_values(body: Body) -> list[tuple[str, str]]:
    option = get_field(body["view"], subscribe.LADDER).get("selected_option") or {}
    _, ladder = subscribe.LADDER_PRESETS.get(str(option.get("value")), ("", ""))
    person = _get_choice(body, subscribe.MENTION, "selected_user")
    return [(name, value) for name, value in (("ladder", ladder), ("mention", person)) if value]


def _to_field_errors(answer: answers.Answer) -> dict[str, str]:
    if isinstance(answer, answers.ChannelSettings):
        return {name: _MARKUP.sub("", message) for name, message in answer.errors}
    return {subscribe.VERSIONS: render_plain_text(answer)}
