"""Rendering of the results of decision buttons, and of the migration and owner forms."""

from collections.abc import Sequence
from datetime import timedelta

from bot import answers
from bot.answers import PressOutcome
from bot.policy import durations
from bot.policy.versions import format_title
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.reminders.decision_buttons import format_decision
from storage.facts import DecisionKind

MIGRATED_FORM, OWNER_FORM = "decide_migrated", "decide_owner"
"""The callback ids of the forms."""

MIGRATED_TO, SUBSCRIBE = "migrated_to", "watch"
PERSON, GROUP = "owner_person", "owner_group"
"""The names of the fields."""


def render_result(result: answers.PressResult) -> kit.Message:
    """Render the result of a press, for the person who pressed the button."""
    return kit.message(kit.paragraphs(_list_lines(result), separator="\n\n"))


def render_result_modal(result: answers.PressResult) -> kit.Block:
    """Render the modal with the result of a submitted form."""
    return kit.notice("Reminders here", "decided", kit.paragraphs(_list_lines(result), separator="\n\n"))


def _list_lines(result: answers.PressResult) -> list[str]:
    """Format the sentences of a result. If nothing was done, they say that nothing was changed."""
    decision = result.decision
    if decision is None:
        return [_format_no_decision(result)]
    line = format_decision(decision, result.title)
    person = "You" if decision.by == result.pressed_by else phrases.format_mention(decision.by)
    action, age = _ACTIONS[decision.kind], _format_age(result.age)
    match result.outcome:
        case PressOutcome.DECIDED:
            version = kit.escape(format_title(decision.migrated_to))
            subscribed = [f"This channel is now subscribed to {version}."] if result.is_subscribed else []
            replaced = [f"This replaces: {format_decision(old, result.title)}" for old in result.replaced]
            return [line, *subscribed, *replaced, "You can undo this for 10 minutes."]
        case PressOutcome.ALREADY_DECIDED | PressOutcome.MIGRATED:
            return [f"{person} {action} {age}. Nothing was changed.", line]
        case PressOutcome.UNDONE:
            restored = [f"In force again: {format_decision(old, result.title)}" for old in result.restored]
            return [f"Undone: {line}", *(restored or [_EFFECTS_OF_UNDO[decision.kind]])]
        case PressOutcome.TOO_OLD:
            late = f"{person} {action} {age}. You can only undo it for 10 minutes. Nothing was changed."
            command = kit.code(f"/dlvm subscribe {result.version}")
            return [late, _ALTERNATIVES[decision.kind].format(subscribe=command)]
        case _:
            return ["That is no longer in force. Nothing was changed. In force now:", line]


_ACTIONS = {
    DecisionKind.ACKNOWLEDGED: "acknowledged this",
    DecisionKind.SNOOZED: "snoozed this",
    DecisionKind.MIGRATED: "marked this channel as migrated",
    DecisionKind.OWNED: "assigned the owner",
}
_EFFECTS_OF_UNDO = {
    DecisionKind.ACKNOWLEDGED: "Reminders about this date resume.",
    DecisionKind.SNOOZED: "Reminders about this date resume.",
    DecisionKind.MIGRATED: "Reminders about this version resume.",
    DecisionKind.OWNED: "Its reminders mention no owner now.",
}
_ALTERNATIVES = {
    DecisionKind.ACKNOWLEDGED: "To get a reminder before the last call, choose *Snooze* on the message.",
    DecisionKind.SNOOZED: "Choose *Snooze* again for another day, or press *Acknowledge*.",
    DecisionKind.MIGRATED: "To get reminders again, type {subscribe} in the channel.",
    DecisionKind.OWNED: "To assign someone else, press *Owner* on the message.",
}


def _format_no_decision(result: answers.PressResult) -> str:
    if result.outcome is PressOutcome.NOT_ALLOWED:
        return kit.escape(result.reason)
    if not result.version:
        return "That isn’t a dlvm button. Nothing was changed. `/dlvm help` lists the commands."
    return _NO_DECISION[result.outcome].format(
        title=kit.escape(result.title),
        version=kit.escape(result.version),
        day=durations.format_date(result.milestone_date) if result.milestone_date else "the date",
        subscribe=kit.code(f"/dlvm subscribe {result.version}"),
        status=kit.code(f"/dlvm status {result.version}"),
    )


_NO_DECISION = {
    PressOutcome.TOO_LATE: "No working day is left before {day} to snooze until. Nothing was changed."
    " Press *Acknowledge* to get no reminder until the last call.",
    PressOutcome.PASSED: "No reminder about {day} is left to silence: the last call, the last day and the day after are"
    " always sent. Nothing was changed.",
    PressOutcome.NOT_SUBSCRIBED: "This channel is no longer subscribed to {title}. Nothing was changed."
    " To subscribe again: {subscribe}.",
    PressOutcome.NOT_IN_FORCE: "This was already undone, or the date has changed since. Nothing was changed.",
    PressOutcome.UNKNOWN: "The catalogue no longer has this date for {version}. Nothing was changed."
    " Current dates: {status}.",
}


def _format_age(age: timedelta) -> str:
    """Format a past duration: `3 seconds ago`, `14 minutes ago`, `2 days ago`."""
    seconds = max(int(age.total_seconds()), 0)
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            return f"{phrases.pluralize(seconds // size, unit)} ago"
    return "just now"


def render_migration_form(form: answers.MigrationForm, metadata: str) -> kit.Block:
    """Render the form that asks for the version the channel migrated to."""
    menu: kit.Block = {"type": "external_select", "min_query_length": 0, "placeholder": kit.plain("Type a version")}
    menu |= {"initial_option": build_version_option(form.successor)} if form.successor else {}
    subscribe = kit.option("Subscribe this channel to that version", SUBSCRIBE)
    checkbox = {"type": "checkboxes", "options": [subscribe], "initial_options": [subscribe]}
    effect = f"This channel will get no more reminders about {kit.escape(form.title)}, for either of its dates."
    hint = "Leave empty if you moved to another product"
    blocks = [
        kit.section(effect),
        kit.input_block(MIGRATED_TO, "Migrated to", menu, hint, is_optional=True),
        kit.input_block(SUBSCRIBE, "New version", checkbox, "Get reminders for the new version", is_optional=True),
    ]
    return kit.form("We have migrated", MIGRATED_FORM, blocks, submit="Save", metadata=metadata)


def render_owner_form(version_title: str, metadata: str, *, with_groups: bool) -> kit.Block:
    """Render the form that asks for the owner. User groups are offered if dlvm is allowed to read them."""
    person = {"type": "users_select", "placeholder": kit.plain("A person")}
    group = {"type": "external_select", "min_query_length": 0, "placeholder": kit.plain("A user group")}
    blocks = [
        kit.section(f"The owner is mentioned in this channel’s {kit.escape(version_title)} reminders."),
        kit.input_block(PERSON, "Person", person, "The person responsible for the migration", is_optional=True),
    ]
    if with_groups:
        hint = "Everyone in it is notified"
        blocks.append(kit.input_block(GROUP, "Or a user group", group, hint, is_optional=True))
    return kit.form("Owner", OWNER_FORM, blocks, submit="Save", metadata=metadata)


def build_version_option(version: str) -> kit.Block:
    """Build the option of a menu for a version."""
    return kit.option(f"{format_title(version)} ({version})", version)


def build_group_option(group: answers.UserGroup) -> kit.Block:
    """Build the option of a menu for a user group."""
    return kit.option(f"@{group.handle} ({group.name})", group.group_id)


def limit_options(options: Sequence[kit.Block]) -> list[kit.Block]:
    """Return the first options, as many as a menu holds."""
    return list(options[: kit.MAX_OPTIONS])
