"""What people decided about a reminder and what they can decide, drawn into it."""

from datetime import date

from bot import answers
from bot.policy import durations, reminders
from bot.policy.versions import title
from bot.slack.blocks import kit, settings
from storage.facts import Decided

MIGRATED, ACKNOWLEDGE, SNOOZE, OWN = "migrated", "acknowledge", "snooze", "own"
UNDO = "undo_"
"""How the buttons begin that take something back; what follows is what."""

WEEK, NEXT = "week", "next"
"""What a snooze can last."""


def value_of(line: answers.ReminderLine) -> str:
    """What a button says it is about: `version|milestone|date`."""
    return f"{line.version}|{line.milestone.value}|{line.milestone_date}"


def sentence(made: answers.DecisionLine, version_title: str) -> str:
    """Who decided what and when, in words."""
    who, day = settings.mention(made.by) or "somebody", durations.plain_date(made.on)
    given = f" It was given for {durations.plain_date(made.given_for)}, which has moved." if made.given_for else ""
    match made.what:
        case Decided.ACKNOWLEDGED:
            return f"Acknowledged by {who} on {day}: quiet until {_first_heard(made)}.{given}"
        case Decided.SNOOZED:
            return f"Snoozed by {who} on {day} until {_until(made)}.{given}"
        case Decided.MIGRATED:
            to = f" to {kit.escape(title(made.migrated_to))}" if made.migrated_to else ""
            return f"Migrated{to}, says {who} on {day}: no more reminders of {kit.escape(version_title)} here."
        case Decided.OWNED:
            return f"Owner: {settings.mention(made.owner)}, named by {who} on {day}."


def _first_heard(made: answers.DecisionLine) -> str:
    if made.until is None:
        return "the date is over, and after it: this channel's ladder has no reminder so near"
    which = {reminders.LAST_DAY: "the last day", reminders.PASSED: "the day after"}.get(
        made.rung if made.rung is not None else reminders.LAST_CALL, "the last call"
    )
    return f"{which} on {durations.plain_date(made.until)}"


def _until(made: answers.DecisionLine) -> str:
    day = durations.plain_date(made.until or date.max)
    return f"{day}, the last working day before the date" if made.clamped else day


def sentences(line: answers.ReminderLine) -> list[str]:
    """All that was decided about the line, oldest first."""
    return [sentence(made, line.title) for made in line.decided]


def actions(line: answers.ReminderLine) -> kit.Block:
    """What can be done about the line now; the block carries what it is about."""
    return kit.actions([*_deciding(line), *_asking(line), *_taking_back(line)]) | {"block_id": value_of(line)}


def _deciding(line: answers.ReminderLine) -> list[kit.Block]:
    done = {made.what for made in line.decided}
    if Decided.MIGRATED in done:
        return []
    value, name = value_of(line), line.title
    migrated = kit.button(
        "We have migrated", MIGRATED, value, describe=f"This channel has migrated from {name}", style="primary"
    )
    owner = kit.button("Owner", OWN, value, describe=f"Say who is named in reminders of {name}")
    if line.rung <= reminders.LAST_CALL or line.days_left <= 1:
        return [migrated, owner]
    quiet = kit.button("Acknowledge", ACKNOWLEDGE, value, describe=f"Quiet about {name} until the last call")
    return [migrated, *([] if Decided.ACKNOWLEDGED in done else [quiet]), _snooze(), owner]


def _snooze() -> kit.Block:
    return {
        "type": "static_select",
        "action_id": SNOOZE,
        "placeholder": kit.plain("Snooze"),
        "options": [kit.option("1 week", WEEK), kit.option("until the next reminder", NEXT)],
    }


def _asking(line: answers.ReminderLine) -> list[kit.Block]:
    stop = kit.button("Unsubscribe", "unsubscribe", line.version, describe=f"Stop reminders about {line.title} here")
    return [
        kit.button("Successor", "successor", line.version, describe=f"Where to go from {line.title}"),
        kit.button("Status", "status", line.version, describe=f"Status of {line.title}"),
        kit.confirmed(
            stop, "Stop reminders?", f"This channel will not be reminded of {line.title} any more.", "Unsubscribe"
        ),
    ]


_BACK = {
    Decided.ACKNOWLEDGED: ("Undo: acknowledged", "Take back that {} was acknowledged"),
    Decided.SNOOZED: ("Undo: snoozed", "Take back that {} was snoozed"),
    Decided.MIGRATED: ("Undo: migrated", "Take back that this channel migrated from {}"),
    Decided.OWNED: ("Undo: owner", "Take back who owns {}"),
}


def _taking_back(line: answers.ReminderLine) -> list[kit.Block]:
    """One button for each kind of decision that can still be taken back."""
    kinds = dict.fromkeys(made.what for made in line.decided if made.undo)
    return [
        kit.button(_BACK[what][0], UNDO + what.value, value_of(line), describe=_BACK[what][1].format(line.title))
        for what in kinds
    ]
