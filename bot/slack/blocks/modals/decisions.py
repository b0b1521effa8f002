"""What a press on a reminder is answered, and the modals that ask where to and who, drawn."""

from collections.abc import Sequence
from datetime import timedelta

from bot import answers
from bot.answers import PressOutcome
from bot.policy import durations
from bot.policy.versions import format_title
from bot.slack.blocks import kit, phrases, settings
from bot.slack.blocks.reminders import decision_buttons
from storage.facts import DecisionKind

MIGRATED_FORM, OWNER_FORM = "decide_migrated", "decide_owner"
"""The callback ids of the modals."""

MIGRATED_TO, SUBSCRIBE = "migrated_to", "watch"
PERSON, GROUP = "owner_person", "owner_group"
"""The fields of the modals; each is its block and its element."""


def render_result(pressed: answers.PressResult) -> kit.Message:
    """What came of a press, for the one who pressed."""
    return kit.message(kit.paragraphs(list_result_lines(pressed), separator="\n\n"))


def render_result_modal(pressed: answers.PressResult) -> kit.Block:
    """The same in the modal where it was decided."""
    return {
        "type": "modal",
        "callback_id": "decided",
        "title": kit.plain("Reminders here"),
        "close": kit.plain("Done"),
        "blocks": kit.paragraphs(list_result_lines(pressed), separator="\n\n"),
    }


def list_result_lines(pressed: answers.PressResult) -> list[str]:
    """The sentences of it; whatever was not done says that nothing was changed."""
    made = pressed.decision
    if made is None:
        return [_nothing(pressed)]
    said, ago = decision_buttons.format_decision(made, pressed.title), _ago(pressed.age)
    who = "You" if made.by == pressed.pressed_by else settings.format_mention(made.by)
    match pressed.outcome:
        case PressOutcome.DECIDED:
            watched = f"This channel watches {kit.escape(format_title(made.migrated_to))} from now on."
            more = [watched] if pressed.is_subscribed else []
            more += [
                f"It takes the place of: {decision_buttons.format_decision(old, pressed.title)}"
                for old in pressed.replaced
            ]
            return [said, *more, "For ten minutes, the message has a button that takes it back."]
        case PressOutcome.ALREADY_DECIDED | PressOutcome.MIGRATED:
            return [f"{who} {_DID[made.kind]} {ago}: there is nothing left to decide, and nothing was changed.", said]
        case PressOutcome.UNDONE:
            again = [
                f"In force again: {decision_buttons.format_decision(old, pressed.title)}" for old in pressed.restored
            ]
            return [f"Taken back: {said}", *(again or [_BACK_TO[made.kind]])]
        case PressOutcome.TOO_OLD:
            late = f"{who} {_DID[made.kind]} {ago}; that can be taken back for ten minutes only. Nothing was changed."
            return [late, _INSTEAD[made.kind].format(version=phrases.format_version(pressed.version))]
        case _:
            return ["That is not in force any more, so nothing was changed. What is in force:", said]


_DID = {
    DecisionKind.ACKNOWLEDGED: "acknowledged this",
    DecisionKind.SNOOZED: "snoozed this",
    DecisionKind.MIGRATED: "said that this channel has migrated",
    DecisionKind.OWNED: "named the owner",
}
_BACK_TO = {
    DecisionKind.ACKNOWLEDGED: "Reminders of this date come as before.",
    DecisionKind.SNOOZED: "Reminders of this date come as before.",
    DecisionKind.MIGRATED: "Reminders of this version come as before.",
    DecisionKind.OWNED: "Nobody is named in its reminders now.",
}
_INSTEAD = {
    DecisionKind.ACKNOWLEDGED: "To hear of it before the last call, choose *Snooze* on the message: it comes back that day.",
    DecisionKind.SNOOZED: "Choose *Snooze* on the message again for another day, or *Acknowledge*.",
    DecisionKind.MIGRATED: "To be reminded again, type `/dlvm subscribe` {version} in the channel.",
    DecisionKind.OWNED: "To name somebody else, press *Owner* on the message.",
}


def _nothing(pressed: answers.PressResult) -> str:
    version = pressed.version
    if pressed.outcome is PressOutcome.NOT_ALLOWED:
        return kit.escape(pressed.reason)
    if not version:
        return "This is not one of the bot’s buttons, so nothing was changed. What there is: `/dlvm help`."
    return _NOTHING[pressed.outcome].format(
        name=kit.escape(pressed.title),
        version=kit.escape(version),
        day=durations.format_date(pressed.milestone_date) if pressed.milestone_date else "the date",
        watch=kit.code(f"/dlvm subscribe {version}"),
        status=kit.code(f"/dlvm status {version}"),
    )


_NOTHING = {
    PressOutcome.TOO_LATE: "No working day is left before {day} to put it off to, so nothing was changed."
    " *Acknowledge* keeps it quiet until the last call.",
    PressOutcome.PASSED: "There is nothing left to keep quiet about {day}: the last call, the last day and the day after come"
    " in any case. Nothing was changed.",
    PressOutcome.NOT_SUBSCRIBED: "This channel does not watch {name} any more, so nothing was changed."
    " To watch it again: {watch}.",
    PressOutcome.NOT_IN_FORCE: "There is nothing to take back: somebody did already, or the date has moved."
    " Nothing was changed.",
    PressOutcome.UNKNOWN: "The catalogue has no such date for {version} at present, so nothing was changed."
    " What it has: {status}.",
}


def _ago(passed: timedelta) -> str:
    """`3 seconds ago`, `14 minutes ago`, `2 days ago`."""
    seconds = max(int(passed.total_seconds()), 0)
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{seconds // size} {name}{'s' if seconds >= 2 * size else ''} ago"
    return "just now" if seconds == 0 else f"{seconds} second{'s' if seconds > 1 else ''} ago"


def render_migration_form(form: answers.MigrationForm, metadata: str) -> kit.Block:
    """Asks which version the channel went to, and whether it is to be watched."""
    menu: kit.Block = {"type": "external_select", "action_id": MIGRATED_TO, "min_query_length": 0}
    menu |= {"placeholder": kit.plain("Type a version")}
    menu |= {"initial_option": build_version_option(form.successor)} if form.successor else {}
    watch = kit.option("Watch that version here, too", SUBSCRIBE)
    ticks = {"type": "checkboxes", "action_id": SUBSCRIBE, "options": [watch], "initial_options": [watch]}
    says = f"No more reminders of {kit.escape(form.title)} come to this channel, for either of its dates."
    blocks = [
        kit.section(says),
        _input(MIGRATED_TO, "Migrated to", menu, "Leave it empty where it is another product"),
        _input(SUBSCRIBE, "Its own dates", ticks, "Reminders of the version the channel went to"),
    ]
    return _modal(MIGRATED_FORM, "We have migrated", metadata, blocks)


def render_owner_form(version_title: str, metadata: str, *, with_groups: bool) -> kit.Block:
    """Asks who is to be named; user groups where they can be read."""
    person = {"type": "users_select", "action_id": PERSON, "placeholder": kit.plain("A person")}
    group = {"type": "external_select", "action_id": GROUP, "min_query_length": 0}
    group |= {"placeholder": kit.plain("A user group")}
    blocks = [
        kit.section(f"Who owns the migration from {kit.escape(version_title)} is named in its reminders here."),
        _input(PERSON, "Person", person, "Somebody who sees to it"),
        *([_input(GROUP, "Or a user group", group, "Everybody in it is notified")] if with_groups else []),
    ]
    return _modal(OWNER_FORM, "Owner", metadata, blocks)


def build_version_option(version: str) -> kit.Block:
    """A version in a menu."""
    return kit.option(f"{format_title(version)} ({version})", version)


def build_group_option(group: answers.UserGroup) -> kit.Block:
    """A user group in a menu."""
    return kit.option(f"@{group.handle} ({group.name})", group.group_id)


def limit_options(choices: Sequence[kit.Block]) -> list[kit.Block]:
    """As many of them as a menu holds."""
    return list(choices[:100])


def _modal(callback_id: str, heading: str, metadata: str, blocks: Sequence[kit.Block]) -> kit.Block:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "title": kit.plain(heading),
        "submit": kit.plain("Save"),
        "close": kit.plain("Cancel"),
        "blocks": list(blocks),
    }


def _input(name: str, label: str, element: kit.Block, hint: str) -> kit.Block:
    return {
        "type": "input",
        "block_id": name,
        "optional": True,
        "label": kit.plain(label),
        "hint": kit.plain(hint),
        "element": element,
    }
