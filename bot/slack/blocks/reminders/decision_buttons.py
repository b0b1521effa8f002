"""What people decided about a reminder and what they can decide, drawn into it."""

from datetime import date

from bot import answers
from bot.policy import durations, reminders
from bot.policy.versions import format_title
from bot.slack.blocks import kit, settings
from storage.facts import DecisionKind

MIGRATED, ACKNOWLEDGE, SNOOZE, OWN = "migrated", "acknowledge", "snooze", "own"
UNDO_PREFIX = "undo_"
"""How the buttons begin that take something back; what follows is what."""

WEEK, NEXT = "week", "next"
"""What a snooze can last."""


def format_button_value(line: answers.ReminderLine) -> str:
    """What a button says it is about: `version|milestone|date`."""
    return f"{line.version}|{line.milestone.value}|{line.milestone_date}"


def format_decision(made: answers.DecisionLine, version_title: str) -> str:
    """Who decided what and when, in words."""
    who, day = settings.format_mention(made.by) or "somebody", durations.format_date(made.decided_on)
    given = (
        f" It was given for {durations.format_date(made.original_date)}, which has moved." if made.original_date else ""
    )
    match made.kind:
        case DecisionKind.ACKNOWLEDGED:
            return f"Acknowledged by {who} on {day}: quiet until {_first_heard(made)}.{given}"
        case DecisionKind.SNOOZED:
            return f"Snoozed by {who} on {day} until {_until(made)}.{given}"
        case DecisionKind.MIGRATED:
            to = f" to {kit.escape(format_title(made.migrated_to))}" if made.migrated_to else ""
            return f"Migrated{to}, says {who} on {day}: no more reminders of {kit.escape(version_title)} here."
        case DecisionKind.OWNED:
            return f"Owner: {settings.format_mention(made.owner)}, named by {who} on {day}."


def _first_heard(made: answers.DecisionLine) -> str:
    if made.quiet_until is None:
        return "the date is over, and after it: this channel's ladder has no reminder so near"
    which = {reminders.LAST_DAY: "the last day", reminders.PASSED: "the day after"}.get(
        made.next_rung if made.next_rung is not None else reminders.LAST_CALL, "the last call"
    )
    return f"{which} on {durations.format_date(made.quiet_until)}"


def _until(made: answers.DecisionLine) -> str:
    day = durations.format_date(made.quiet_until or date.max)
    return f"{day}, the last working day before the date" if made.is_clamped else day


def format_decisions(line: answers.ReminderLine) -> list[str]:
    """All that was decided about the line, oldest first."""
    return [format_decision(made, line.title) for made in line.decisions]


def render_actions(line: answers.ReminderLine) -> kit.Block:
    """What can be done about the line now; the block carries what it is about."""
    return kit.actions([*_deciding(line), *_asking(line), *_taking_back(line)]) | {
        "block_id": format_button_value(line)
    }


def _deciding(line: answers.ReminderLine) -> list[kit.Block]:
    done = {made.kind for made in line.decisions}
    if DecisionKind.MIGRATED in done:
        return []
    value, name = format_button_value(line), line.title
    migrated = kit.button(
        "We have migrated", MIGRATED, value, description=f"This channel has migrated from {name}", style="primary"
    )
    owner = kit.button("Owner", OWN, value, description=f"Say who is named in reminders of {name}")
    if line.rung <= reminders.LAST_CALL or line.days_left <= 1:
        return [migrated, owner]
    quiet = kit.button("Acknowledge", ACKNOWLEDGE, value, description=f"Quiet about {name} until the last call")
    return [migrated, *([] if DecisionKind.ACKNOWLEDGED in done else [quiet]), _snooze(), owner]


def _snooze() -> kit.Block:
    return {
        "type": "static_select",
        "action_id": SNOOZE,
        "placeholder": kit.plain("Snooze"),
        "options": [kit.option("1 week", WEEK), kit.option("until the next reminder", NEXT)],
    }


def _asking(line: answers.ReminderLine) -> list[kit.Block]:
    stop = kit.button("Unsubscribe", "unsubscribe", line.version, description=f"Stop reminders about {line.title} here")
    return [
        kit.button("Successor", "successor", line.version, description=f"Where to go from {line.title}"),
        kit.button("Status", "status", line.version, description=f"Status of {line.title}"),
        kit.with_confirmation(
            stop, "Stop reminders?", f"This channel will not be reminded of {line.title} any more.", "Unsubscribe"
        ),
    ]


_BACK = {
    DecisionKind.ACKNOWLEDGED: ("Undo: acknowledged", "Take back that {} was acknowledged"),
    DecisionKind.SNOOZED: ("Undo: snoozed", "Take back that {} was snoozed"),
    DecisionKind.MIGRATED: ("Undo: migrated", "Take back that this channel migrated from {}"),
    DecisionKind.OWNED: ("Undo: owner", "Take back who owns {}"),
}


def _taking_back(line: answers.ReminderLine) -> list[kit.Block]:
    """One button for each kind of decision that can still be taken back."""
    kinds = dict.fromkeys(made.kind for made in line.decisions if made.can_undo)
    return [
        kit.button(
            _BACK[what][0],
            UNDO_PREFIX + what.value,
            format_button_value(line),
            description=_BACK[what][1].format(line.title),
        )
        for what in kinds
    ]
