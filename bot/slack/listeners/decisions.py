"""What people decide on reminders: buttons and modals, each to its use case, answered to whoever pressed."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, App

from bot.answers import PressOutcome, PressResult, UserGroup
from bot.policy.versions import format_title
from bot.service.decisions.actions import ButtonPress
from bot.service.decisions.actions import DecisionActions as UseCase
from bot.service.decisions.migration_form import MigrationForms
from bot.service.place import Place
from bot.slack.blocks.modals import decisions
from bot.slack.blocks.reminders import decision_buttons
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import CHANNEL_ID, Body, Responder, parse_place
from storage.facts import DecisionKind, Milestone

_UNDO_ACTIONS = re.compile(rf"^{decision_buttons.UNDO_PREFIX}({'|'.join(what.value for what in DecisionKind)})$")
_VERSION = re.compile(r"[a-z]{1,20}-[a-z0-9.]{1,20}")
_TS = re.compile(r"\d{1,12}\.\d{1,8}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_GROUP = re.compile(r"S[A-Z0-9]{1,30}")

_NO_OWNER = "Choose a person, or a user group: one of them."
_STALE = PressResult(PressOutcome.UNKNOWN)


class DecisionContext(Struct, frozen=True):
    """What the listeners need besides the use cases."""

    responder: Responder
    views: ViewsClient
    list_user_groups: Callable[[str], Sequence[UserGroup]]
    """The user groups of a workspace; none where they can't be read."""
    wake: Callable[[], None]
    """Has what waits delivered now."""
    explain_refusal: Callable[[Place], str] = lambda _: ""
    """Why somebody may not change a channel, in a sentence; empty where they may."""


class DecisionListeners:
    """One method for each thing a person can decide on a reminder."""

    def __init__(
        self, actions: UseCase, migration_forms: MigrationForms, context: DecisionContext, now: Callable[[], datetime]
    ) -> None:
        self._actions = actions
        self._migration_forms = migration_forms
        self._context = context
        self._now = now

    def register(self, app: App) -> None:
        """The buttons on reminders, and the modals that two of them open."""
        app.action(decision_buttons.ACKNOWLEDGE)(self.acknowledge)
        app.action(decision_buttons.SNOOZE)(self.snooze)
        app.action(_UNDO_ACTIONS)(self.undo)
        app.action(decision_buttons.MIGRATED)(self.open_migration_form)
        app.action(decision_buttons.OWN)(self.open_owner_form)
        app.view(decisions.MIGRATED_FORM)(self.submit_migration)
        app.view(decisions.OWNER_FORM)(self.submit_owner)
        app.options(decisions.MIGRATED_TO)(self.suggest_versions)
        app.options(decisions.GROUP)(self.suggest_groups)

    def acknowledge(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody wants quiet until the last call."""
        now = self._now()
        self._run_and_reply(body, str(action.get("value")), lambda press: self._actions.acknowledge(press, now))
        ack()

    def snooze(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody puts it off; the block says what, the option how long."""
        now, lasts = self._now(), (action.get("selected_option") or {}).get("value")
        about = str(action.get("block_id")) if lasts in {decision_buttons.WEEK, decision_buttons.NEXT} else ""
        until_next = lasts == decision_buttons.NEXT
        self._run_and_reply(body, about, lambda press: self._actions.snooze(press, now, until_next=until_next))
        ack()

    def undo(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody takes something back."""
        now, what = self._now(), DecisionKind(str(action["action_id"]).removeprefix(decision_buttons.UNDO_PREFIX))
        self._run_and_reply(body, str(action.get("value")), lambda press: self._actions.undo(press, what, now))
        ack()

    def open_migration_form(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody says that the channel has migrated: where to?"""
        press = _parse_press(body, str(action.get("value")))
        found = (self._check_permission(press) or self._migration_forms.show(press, self._now())) if press else _STALE
        if press is None or isinstance(found, PressResult):
            self._reply(body, found if isinstance(found, PressResult) else _STALE)
        else:
            self._open(body, decisions.render_migration_form(found, _format_metadata(press)))
        ack()

    def open_owner_form(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody says that the migration has an owner: who?"""
        press = _parse_press(body, str(action.get("value")))
        refused = self._check_permission(press) if press else _STALE
        if press is None or refused is not None:
            self._reply(body, refused or _STALE)
        else:
            has_groups = bool(self._context.list_user_groups(press.place.workspace_id))
            self._open(
                body,
                decisions.render_owner_form(
                    format_title(press.version), _format_metadata(press), with_groups=has_groups
                ),
            )
        ack()

    def submit_migration(self, ack: Ack, body: Body) -> None:
        """Somebody said where the channel went."""
        now, view = self._now(), body["view"]
        to = str((_get_field(view, decisions.MIGRATED_TO).get("selected_option") or {}).get("value") or "")
        watch = bool(_get_field(view, decisions.SUBSCRIBE).get("selected_options"))
        done = self._run_from_modal(body, lambda press: self._actions.migrate(press, to, now, subscribe=watch))
        ack(response_action="update", view=decisions.render_result_modal(done))

    def submit_owner(self, ack: Ack, body: Body) -> None:
        """Somebody said who the owner is."""
        now, owner = self._now(), _parse_owner(body["view"])
        if not owner:
            ack(response_action="errors", errors={decisions.PERSON: _NO_OWNER})
            return
        done = self._run_from_modal(body, lambda press: self._actions.assign_owner(press, owner, now))
        ack(response_action="update", view=decisions.render_result_modal(done))

    def suggest_versions(self, ack: Ack, body: Body) -> None:
        """Somebody types the version they went to."""
        press = _parse_metadata(str((body.get("view") or {}).get("private_metadata")), body)
        left = press.version if press else ""
        found = self._migration_forms.list_choices(str(body.get("value") or ""), left, self._now())
        ack(options=decisions.limit_options([decisions.build_version_option(version) for version in found]))

    def suggest_groups(self, ack: Ack, body: Body) -> None:
        """Somebody types the name of a user group."""
        typed = str(body.get("value") or "").lower()
        found = [
            g
            for g in self._context.list_user_groups(str(body["team"]["id"]))
            if typed in f"{g.handle} {g.name}".lower()
        ]
        ack(options=decisions.limit_options([decisions.build_group_option(group) for group in found]))

    def _run_and_reply(self, body: Body, value: str, action: Callable[[ButtonPress], PressResult]) -> None:
        press = _parse_press(body, value)
        self._reply(body, self._run_if_allowed(press, action) if press else _STALE)
        self._context.wake()

    def _run_from_modal(self, body: Body, action: Callable[[ButtonPress], PressResult]) -> PressResult:
        press = _parse_metadata(str(body["view"].get("private_metadata")), body)
        done = self._run_if_allowed(press, action) if press else _STALE
        self._context.wake()
        return done

    def _run_if_allowed(self, press: ButtonPress, action: Callable[[ButtonPress], PressResult]) -> PressResult:
        return self._check_permission(press) or action(press)

    def _check_permission(self, press: ButtonPress) -> PressResult | None:
        reason = self._context.explain_refusal(press.place)
        return PressResult(PressOutcome.NOT_ALLOWED, reason=reason) if reason else None

    def _reply(self, body: Body, pressed: PressResult) -> None:
        self._context.responder.reply(str(body["response_url"]), decisions.render_result(pressed), replace=False)

    def _open(self, body: Body, view: dict[str, Any]) -> None:
        self._context.views.open(str(body["team"]["id"]), str(body["trigger_id"]), view)


def _parse_press(body: Body, value: str) -> ButtonPress | None:
    """What was pressed where; None for what no button of ours says."""
    message_ts = str((body.get("container") or {}).get("message_ts") or "")
    return _build_press(value, message_ts, parse_place(body))


def _format_metadata(press: ButtonPress) -> str:
    """What a modal carries along: the channel, the message, and what it is about."""
    about = press.version, press.milestone.value, str(press.milestone_date)
    return "|".join((press.place.channel_id, press.message_ts, *about))


def _parse_metadata(text: str, body: Body) -> ButtonPress | None:
    channel_id, _, rest = text.partition("|")
    message_ts, _, value = rest.partition("|")
    if not CHANNEL_ID.fullmatch(channel_id):
        return None
    return _build_press(value, message_ts, Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"])))


def _build_press(value: str, message_ts: str, place: Place) -> ButtonPress | None:
    version, _, rest = value.partition("|")
    milestone, _, day = rest.partition("|")
    known_milestone = milestone in {each.value for each in Milestone}
    if not (known_milestone and _VERSION.fullmatch(version) and re.fullmatch(r"\d{4}-\d\d-\d\d", day)):
        return None
    try:
        when = date.fromisoformat(day)
    except ValueError:
        return None
    return ButtonPress(version, Milestone(milestone), when, message_ts if _TS.fullmatch(message_ts) else "", place)


def _parse_owner(view: Body) -> str:
    """The one that was chosen; empty for none, both, or what is no id."""
    person = str(_get_field(view, decisions.PERSON).get("selected_user") or "")
    group = str((_get_field(view, decisions.GROUP).get("selected_option") or {}).get("value") or "")
    right = _PERSON.fullmatch(person) if person else _GROUP.fullmatch(group)
    return (person or group) if right and not (person and group) else ""


def _get_field(view: Body, name: str) -> Body:
    return dict(view["state"]["values"].get(name, {}).get(name, {}))
