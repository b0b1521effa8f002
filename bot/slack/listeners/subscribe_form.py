"""Forms: subscribing a channel in a modal, and the live preview of a channel's settings."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, App

from bot import answers
from bot.commands import parser
from bot.commands.dispatcher import UNSEEN, Seen
from bot.service.enrolling import Enrolling
from bot.service.place import Place
from bot.service.subscriptions.settings import ChannelSettings
from bot.service.versions.lookup import Lookup
from bot.slack.blocks.modals import settings as modals
from bot.slack.blocks.modals import subscribe as subscribing
from bot.slack.blocks.render import plainly
from bot.slack.client.views import Surfaces
from bot.slack.listeners.commands import CHANNEL_ID, COMMAND, Body

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,30}")
_MARKS = re.compile(r"[`*]")
_PREVIEWED = re.compile(rf"^({'|'.join(modals.NAMES)})$")


class Asking(Struct, frozen=True):
    """What is asked of Slack before somebody subscribes a channel in a form."""

    look: Callable[[Place], Seen]
    members: Callable[[Place], Mapping[str, str] | None]
    refusal: Callable[[Place, datetime], answers.Denied | None]
    """Why the person may not change a channel; None where they may."""

    def inside(self, place: Place, seen: Seen | None = None) -> bool:
        """Whether the person may be taken to be in the channel; asks Slack, where `seen` does not say, to see it.

        A private channel the bot can see is opened only to somebody Slack says is in it. A direct message holds one
        person, and what a form carries of it only that person was sent.
        """
        if place.channel_id.startswith("D"):
            return True
        seen = seen or self.look(place)
        if seen.is_public or seen.reach in {answers.Reach.UNREACHABLE, answers.Reach.UNCHECKED}:
            return True
        names = self.members(place)
        return names is not None and place.channel_id in names


class Forms:
    """One method for each thing a person can do in a form."""

    def __init__(
        self,
        enrolling: Enrolling,
        lookup: Lookup,
        settings: ChannelSettings,
        surfaces: Surfaces,
        asking: Asking,
        now: Callable[[], datetime],
    ) -> None:
        self._enrolling = enrolling
        self._lookup = lookup
        self._settings = settings
        self._surfaces = surfaces
        self._asking = asking
        self._now = now

    def register(self, app: App) -> None:
        """Before the listener of the whole command: `subscribe` alone is a form's."""
        app.command(COMMAND, matchers=[_wants_form])(self.command)
        app.action("subscribe_open")(self.open)
        app.options(subscribing.VERSIONS)(self.offer)
        app.view(subscribing.FORM)(self.subscribe)
        app.action(_PREVIEWED, matchers=[_in_settings])(self.preview)

    def command(self, ack: Ack, body: Body) -> None:
        """Somebody typed `/dlvm subscribe` without saying what."""
        self._surfaces.open(str(body["team_id"]), str(body["trigger_id"]), subscribing.form())
        ack()

    def open(self, ack: Ack, body: Body) -> None:
        """Somebody pressed *Subscribe…*."""
        self._surfaces.open(str(body["team"]["id"]), str(body["trigger_id"]), subscribing.form())
        ack()

    def offer(self, ack: Ack, body: Body) -> None:
        """Somebody types into the field for versions."""
        typed = str(body.get("value") or "")[:200]
        ack(options=subscribing.options(self._lookup.offers(typed, _person(body), self._now()), typed))

    def subscribe(self, ack: Ack, body: Body) -> None:
        """Somebody sent the form."""
        channel_id = _chosen(body, subscribing.CHANNEL, "selected_conversation")
        place = Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"]))
        seen = self._asking.look(place) if _CHANNEL_ID.fullmatch(channel_id) else UNSEEN
        closed = self._closed(place, seen)
        if closed:
            ack(response_action="errors", errors={subscribing.CHANNEL: closed})
            return
        answer = self._enrol(body, place, seen)
        if isinstance(answer, answers.Subscribed):
            ack(response_action="update", view=subscribing.done(answer, channel_id))
        else:
            ack(response_action="errors", errors=_errors(answer))

    def _enrol(self, body: Body, place: Place, seen: Seen) -> answers.Answer:
        targets, wishes = _targets(body), _wishes(body)
        return self._enrolling.enrol(targets, wishes, place, self._now(), reach=seen.reach, is_public=seen.is_public)

    def _closed(self, place: Place, seen: Seen) -> str:
        """Why the person may not subscribe the channel; empty where they may."""
        if not _CHANNEL_ID.fullmatch(place.channel_id) or not self._asking.inside(place, seen):
            return "Choose a channel that you are in."
        denied = self._asking.refusal(place, self._now())
        return plainly(denied) if denied is not None else ""

    def preview(self, ack: Ack, body: Body) -> None:
        """Somebody changed a field of the settings: the next reminders as they would be, nothing saved."""
        view = body["view"]
        place = Place(str(body["team"]["id"]), str(view["private_metadata"]), str(body["user"]["id"]))
        if CHANNEL_ID.fullmatch(place.channel_id) and self._asking.inside(place):
            stored = self._settings.show(place, self._now())
            tried = self._settings.rehearse(modals.wishes(view), place, self._now())
            drawn = modals.channel_settings(stored, place.channel_id, tried)
            self._surfaces.update(place.workspace_id, str(view["id"]), str(view["hash"]), drawn)
        ack()


def _wants_form(body: Body) -> bool:
    return parser.wants_form(str(body.get("text") or ""))


def _in_settings(body: Body) -> bool:
    return bool((body.get("view") or {}).get("callback_id") == modals.SETTINGS)


def _person(body: Body) -> Place:
    return Place(str(body["team"]["id"]), "", str(body["user"]["id"]))


def _value(body: Body, name: str) -> dict[str, Any]:
    return dict(body["view"]["state"]["values"].get(name, {}).get(name) or {})


def _chosen(body: Body, name: str, key: str) -> str:
    return str(_value(body, name).get(key) or "")


def _targets(body: Body) -> list[str]:
    chosen = _value(body, subscribing.VERSIONS).get("selected_options") or ()
    return [str(option.get("value")) for option in chosen]


def _wishes(body: Body) -> list[tuple[str, str]]:
    """What the form changes of the channel's settings."""
    option = _value(body, subscribing.LADDER).get("selected_option") or {}
    _, ladder = subscribing.LADDERS.get(str(option.get("value")), ("", ""))
    person = _chosen(body, subscribing.MENTION, "selected_user")
    return [(name, value) for name, value in (("ladder", ladder), ("mention", person)) if value]


def _errors(answer: answers.Answer) -> dict[str, str]:
    """Each sentence under the field it is about."""
    if isinstance(answer, answers.ChannelSettings):
        return {name: _MARKS.sub("", sentence) for name, sentence in answer.problems}
    return {subscribing.VERSIONS: plainly(answer)}
