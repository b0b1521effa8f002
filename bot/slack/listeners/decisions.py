"""What people decide on reminders: buttons and modals, each to its use case, answered to whoever pressed."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, App

from bot.answers import Came, Group, Pressed
from bot.policy.versions import title
from bot.service.decisions.actions import Deciding as UseCase
from bot.service.decisions.actions import Pressing
from bot.service.decisions.migration_form import Migrating
from bot.service.place import Place
from bot.slack.blocks.modals import decisions
from bot.slack.blocks.reminders import decision_buttons
from bot.slack.client.views import Surfaces
from bot.slack.listeners.commands import CHANNEL_ID, Body, Replies, place_of
from storage.facts import Decided, Milestone

_UNDO = re.compile(rf"^{decision_buttons.UNDO}({'|'.join(what.value for what in Decided)})$")
_VERSION = re.compile(r"[a-z]{1,20}-[a-z0-9.]{1,20}")
_TS = re.compile(r"\d{1,12}\.\d{1,8}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_GROUP = re.compile(r"S[A-Z0-9]{1,30}")

_NOBODY = "Choose a person, or a user group: one of them."
_STALE = Pressed(Came.UNKNOWN)


class Around(Struct, frozen=True):
    """What the listeners need besides the use cases."""

    replies: Replies
    surfaces: Surfaces
    groups: Callable[[str], Sequence[Group]]
    """The user groups of a workspace; none where they can't be read."""
    wake: Callable[[], None]
    """Has what waits delivered now."""
    refused: Callable[[Place], str] = lambda _: ""
    """Why somebody may not change a channel, in a sentence; empty where they may."""


class Deciding:
    """One method for each thing a person can decide on a reminder."""

    def __init__(self, use_case: UseCase, migrating: Migrating, around: Around, now: Callable[[], datetime]) -> None:
        self._use_case = use_case
        self._migrating = migrating
        self._around = around
        self._now = now

    def register(self, app: App) -> None:
        """The buttons on reminders, and the modals that two of them open."""
        app.action(decision_buttons.ACKNOWLEDGE)(self.acknowledge)
        app.action(decision_buttons.SNOOZE)(self.snooze)
        app.action(_UNDO)(self.undo)
        app.action(decision_buttons.MIGRATED)(self.ask_where)
        app.action(decision_buttons.OWN)(self.ask_who)
        app.view(decisions.MIGRATED)(self.migrate)
        app.view(decisions.OWN)(self.own)
        app.options(decisions.MIGRATED_TO)(self.offer_versions)
        app.options(decisions.GROUP)(self.offer_groups)

    def acknowledge(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody wants quiet until the last call."""
        now = self._now()
        self._decide(body, str(action.get("value")), lambda press: self._use_case.acknowledge(press, now))
        ack()

    def snooze(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody puts it off; the block says what, the option how long."""
        now, lasts = self._now(), (action.get("selected_option") or {}).get("value")
        about = str(action.get("block_id")) if lasts in {decision_buttons.WEEK, decision_buttons.NEXT} else ""
        until_next = lasts == decision_buttons.NEXT
        self._decide(body, about, lambda press: self._use_case.snooze(press, now, until_next=until_next))
        ack()

    def undo(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody takes something back."""
        now, what = self._now(), Decided(str(action["action_id"]).removeprefix(decision_buttons.UNDO))
        self._decide(body, str(action.get("value")), lambda press: self._use_case.undo(press, what, now))
        ack()

    def ask_where(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody says that the channel has migrated: where to?"""
        press = _pressed(body, str(action.get("value")))
        found = (self._refusal(press) or self._migrating.form(press, self._now())) if press else _STALE
        if press is None or isinstance(found, Pressed):
            self._reply(body, found if isinstance(found, Pressed) else _STALE)
        else:
            self._open(body, decisions.where_to(found, _metadata(press)))
        ack()

    def ask_who(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody says that the migration has an owner: who?"""
        press = _pressed(body, str(action.get("value")))
        refused = self._refusal(press) if press else _STALE
        if press is None or refused is not None:
            self._reply(body, refused or _STALE)
        else:
            has_groups = bool(self._around.groups(press.place.workspace_id))
            self._open(body, decisions.who(title(press.version), _metadata(press), groups=has_groups))
        ack()

    def migrate(self, ack: Ack, body: Body) -> None:
        """Somebody said where the channel went."""
        now, view = self._now(), body["view"]
        to = str((_field(view, decisions.MIGRATED_TO).get("selected_option") or {}).get("value") or "")
        watch = bool(_field(view, decisions.WATCH).get("selected_options"))
        done = self._submitted(body, lambda press: self._use_case.migrate(press, to, now, watch=watch))
        ack(response_action="update", view=decisions.done(done))

    def own(self, ack: Ack, body: Body) -> None:
        """Somebody said who the owner is."""
        now, owner = self._now(), _owner(body["view"])
        if not owner:
            ack(response_action="errors", errors={decisions.PERSON: _NOBODY})
            return
        done = self._submitted(body, lambda press: self._use_case.own(press, owner, now))
        ack(response_action="update", view=decisions.done(done))

    def offer_versions(self, ack: Ack, body: Body) -> None:
        """Somebody types the version they went to."""
        press = _from_metadata(str((body.get("view") or {}).get("private_metadata")), body)
        left = press.version if press else ""
        found = self._migrating.choices(str(body.get("value") or ""), left, self._now())
        ack(options=decisions.options([decisions.choice(version) for version in found]))

    def offer_groups(self, ack: Ack, body: Body) -> None:
        """Somebody types the name of a user group."""
        typed = str(body.get("value") or "").lower()
        found = [g for g in self._around.groups(str(body["team"]["id"])) if typed in f"{g.handle} {g.name}".lower()]
        ack(options=decisions.options([decisions.group_choice(group) for group in found]))

    def _decide(self, body: Body, value: str, work: Callable[[Pressing], Pressed]) -> None:
        press = _pressed(body, value)
        self._reply(body, self._allowed(press, work) if press else _STALE)
        self._around.wake()

    def _submitted(self, body: Body, work: Callable[[Pressing], Pressed]) -> Pressed:
        press = _from_metadata(str(body["view"].get("private_metadata")), body)
        done = self._allowed(press, work) if press else _STALE
        self._around.wake()
        return done

    def _allowed(self, press: Pressing, work: Callable[[Pressing], Pressed]) -> Pressed:
        return self._refusal(press) or work(press)

    def _refusal(self, press: Pressing) -> Pressed | None:
        reason = self._around.refused(press.place)
        return Pressed(Came.NOT_ALLOWED, reason=reason) if reason else None

    def _reply(self, body: Body, pressed: Pressed) -> None:
        self._around.replies.reply(str(body["response_url"]), decisions.answer(pressed), replace=False)

    def _open(self, body: Body, view: dict[str, Any]) -> None:
        self._around.surfaces.open(str(body["team"]["id"]), str(body["trigger_id"]), view)


def _pressed(body: Body, value: str) -> Pressing | None:
    """What was pressed where; None for what no button of ours says."""
    message_ts = str((body.get("container") or {}).get("message_ts") or "")
    return _pressing(value, message_ts, place_of(body))


def _metadata(press: Pressing) -> str:
    """What a modal carries along: the channel, the message, and what it is about."""
    about = press.version, press.milestone.value, str(press.milestone_date)
    return "|".join((press.place.channel_id, press.message_ts, *about))


def _from_metadata(text: str, body: Body) -> Pressing | None:
    channel_id, _, rest = text.partition("|")
    message_ts, _, value = rest.partition("|")
    if not CHANNEL_ID.fullmatch(channel_id):
        return None
    return _pressing(value, message_ts, Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"])))


def _pressing(value: str, message_ts: str, place: Place) -> Pressing | None:
    version, _, rest = value.partition("|")
    milestone, _, day = rest.partition("|")
    known_milestone = milestone in {each.value for each in Milestone}
    if not (known_milestone and _VERSION.fullmatch(version) and re.fullmatch(r"\d{4}-\d\d-\d\d", day)):
        return None
    try:
        when = date.fromisoformat(day)
    except ValueError:
        return None
    return Pressing(version, Milestone(milestone), when, message_ts if _TS.fullmatch(message_ts) else "", place)


def _owner(view: Body) -> str:
    """The one that was chosen; empty for none, both, or what is no id."""
    person = str(_field(view, decisions.PERSON).get("selected_user") or "")
    group = str((_field(view, decisions.GROUP).get("selected_option") or {}).get("value") or "")
    right = _PERSON.fullmatch(person) if person else _GROUP.fullmatch(group)
    return (person or group) if right and not (person and group) else ""


def _field(view: Body, name: str) -> Body:
    return dict(view["state"]["values"].get(name, {}).get(name, {}))
