"""Listeners for decisions on reminders: buttons, and the modals for a migration and its owner."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from msgspec import Struct
from slack_bolt import Ack

from bot.answers import PressOutcome, PressResult, UserGroup
from bot.policy.versions import format_title
from bot.service.decisions.actions import ButtonPress, DecisionActions
from bot.service.decisions.migration_form import MigrationForms
from bot.service.place import Place
from bot.slack.blocks.modals import decisions
from bot.slack.blocks.reminders import decision_buttons
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.requests import (
    CHANNEL_ID,
    Body,
    ChannelAccess,
    Responder,
    check_message_ts,
    get_field,
    parse_message_ts,
    parse_place,
    parse_workspace_id,
)
from storage.facts import DecisionKind, Milestone

UNDO_ACTIONS = re.compile(rf"^{decision_buttons.UNDO_PREFIX}({'|'.join(kind.value for kind in DecisionKind)})$")
_BUTTON_VALUE = re.compile(r"([a-z]{1,20}-[a-z0-9.]{1,20})\|([^|]*)\|(\d{4}-\d\d-\d\d)")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_GROUP = re.compile(r"S[A-Z0-9]{1,30}")
T = TypeVar("T")


class DecisionListeners(Struct, frozen=True):
    """Listeners for the buttons on reminders and the modals they open."""

    actions: DecisionActions
    migration_forms: MigrationForms
    responder: Responder
    views: ViewsClient
    list_user_groups: Callable[[str], Sequence[UserGroup]]
    """Returns the user groups of a workspace. Empty if they can't be read."""
    access: ChannelAccess
    wake: Callable[[], None]
    """Wakes the delivery loop, which updates the message."""
    now: Callable[[], datetime]

    def acknowledge(self, ack: Ack, body: Body, action: Body) -> None:
        """Acknowledge a date: no reminders until the last one before it."""
        now = self.now()
        self._run_and_reply(body, action.get("value"), lambda press: self.actions.acknowledge(press, now))
        ack()

    def snooze(self, ack: Ack, body: Body, action: Body) -> None:
        """Snooze a date. The block ID names the date, the selected option how long."""
        now, choice = self.now(), (action.get("selected_option") or {}).get("value")
        value = action.get("block_id") if choice in {decision_buttons.WEEK, decision_buttons.NEXT} else ""
        until_next = choice == decision_buttons.NEXT
        self._run_and_reply(body, value, lambda press: self.actions.snooze(press, now, until_next=until_next))
        ack()

    def undo(self, ack: Ack, body: Body, action: Body) -> None:
        """Undo the decision named in the action ID."""
        now, kind = self.now(), DecisionKind(str(action["action_id"]).removeprefix(decision_buttons.UNDO_PREFIX))
        self._run_and_reply(body, action.get("value"), lambda press: self.actions.undo(press, kind, now))
        ack()

    def open_migration_form(self, ack: Ack, body: Body, action: Body) -> None:
        """Open the form that asks which version the channel migrated to."""
        self._open_form(body, action, self._render_migration_form)
        ack()

    def open_owner_form(self, ack: Ack, body: Body, action: Body) -> None:
        """Open the form that asks who owns the migration."""
        self._open_form(body, action, self._render_owner_form)
        ack()

    def submit_migration(self, ack: Ack, body: Body) -> None:
        """Record the migration."""
        now, view = self.now(), body["view"]
        successor = str((get_field(view, decisions.MIGRATED_TO).get("selected_option") or {}).get("value") or "")
        subscribe = bool(get_field(view, decisions.SUBSCRIBE).get("selected_options"))
        result = self._run_from_modal(
            body, lambda press: self.actions.migrate(press, successor, now, subscribe=subscribe)
        )
        ack(response_action="update", view=decisions.render_result_modal(result))

    def submit_owner(self, ack: Ack, body: Body) -> None:
        """Record the owner of the migration."""
        now, owner = self.now(), _parse_owner(body["view"])
        if not owner:
            ack(response_action="errors", errors={decisions.PERSON: "Choose either a person or a user group."})
            return
        result = self._run_from_modal(body, lambda press: self.actions.assign_owner(press, owner, now))
        ack(response_action="update", view=decisions.render_result_modal(result))

    def suggest_versions(self, ack: Ack, body: Body) -> None:
        """Suggest versions to migrate to that match the typed text."""
        press = _parse_metadata(str((body.get("view") or {}).get("private_metadata")), body)
        version_left = press.version if press else ""
        versions = self.migration_forms.list_choices(str(body.get("value") or ""), version_left, self.now())
        ack(options=decisions.limit_options([decisions.build_version_option(version) for version in versions]))

    def suggest_groups(self, ack: Ack, body: Body) -> None:
        """Suggest user groups whose handle or name contains the typed text."""
        typed = str(body.get("value") or "").lower()
        groups = self.list_user_groups(parse_workspace_id(body))
        matching = [group for group in groups if typed in f"{group.handle} {group.name}".lower()]
        ack(options=decisions.limit_options([decisions.build_group_option(group) for group in matching]))

    def _run_and_reply(self, body: Body, value: object, action: Callable[[ButtonPress], PressResult]) -> None:
        self._reply(body, self._run(_parse_press(body, str(value)), action))
        self.wake()

    def _run_from_modal(self, body: Body, action: Callable[[ButtonPress], PressResult]) -> PressResult:
        result = self._run(_parse_metadata(str(body["view"].get("private_metadata")), body), action)
        self.wake()
        return result

    def _run(self, press: ButtonPress | None, action: Callable[[ButtonPress], T]) -> T | PressResult:
        """Run the action if dlvm renders such a button and the person may change the channel."""
        if press is None:
            return PressResult(PressOutcome.UNKNOWN)
        reason = self.access.explain_denial(press.place, self.now())
        return PressResult(PressOutcome.NOT_ALLOWED, reason=reason) if reason else action(press)

    def _open_form(self, body: Body, action: Body, render: Callable[[ButtonPress], Body | PressResult]) -> None:
        view = self._run(_parse_press(body, str(action.get("value"))), render)
        if isinstance(view, PressResult):
            self._reply(body, view)
        else:
            self.views.open(parse_workspace_id(body), str(body["trigger_id"]), view)

    def _render_migration_form(self, press: ButtonPress) -> Body | PressResult:
        form = self.migration_forms.show(press, self.now())
        return form if isinstance(form, PressResult) else decisions.render_migration_form(form, _format_metadata(press))

    def _render_owner_form(self, press: ButtonPress) -> Body:
        has_groups = bool(self.list_user_groups(press.place.workspace_id))
        return decisions.render_owner_form(format_title(press.version), _format_metadata(press), with_groups=has_groups)

    def _reply(self, body: Body, result: PressResult) -> None:
        self.responder.reply(str(body["response_url"]), decisions.render_result(result), replace=False)


def _parse_press(body: Body, value: str) -> ButtonPress | None:
    return _build_press(value, parse_message_ts(body), parse_place(body))


def _format_metadata(press: ButtonPress) -> str:
    value = press.version, press.milestone.value, str(press.milestone_date)
    return "|".join((press.place.channel_id, press.message_ts, *value))


def _parse_metadata(text: str, body: Body) -> ButtonPress | None:
    channel_id, _, rest = text.partition("|")
    message_ts, _, value = rest.partition("|")
    if not CHANNEL_ID.fullmatch(channel_id):
        return None
    return _build_press(value, check_message_ts(message_ts), parse_place(body, channel_id))


def _build_press(value: str, message_ts: str, place: Place) -> ButtonPress | None:
    match = _BUTTON_VALUE.fullmatch(value)
    if match is None:
        return None
    try:
        return ButtonPress(match[1], Milestone(match[2]), date.fromisoformat(match[3]), message_ts, place)
    except ValueError:
        return None


def _parse_owner(view: Body) -> str:
    """Return the ID of the chosen person or group. Empty for neither, both, or an invalid ID."""
    person = str(get_field(view, decisions.PERSON).get("selected_user") or "")
    group = str((get_field(view, decisions.GROUP).get("selected_option") or {}).get("value") or "")
    is_valid = _PERSON.fullmatch(person) if person else _GROUP.fullmatch(group)
    return (person or group) if is_valid and not (person and group) else ""
