"""Rendering of decisions and decision buttons in a reminder."""

from bot import answers
from bot.policy import durations, reminders
from bot.policy.versions import format_title
from bot.slack.blocks import kit, phrases
from storage.facts import DecisionKind

MIGRATED, ACKNOWLEDGE, SNOOZE, OWN = "migrated", "acknowledge", "snooze", "own"
"""The action ids of the decisions."""

UNDO_PREFIX = "undo_"
"""The start of the action ids that undo a decision. The rest is the kind of the decision."""

WEEK, NEXT = "week", "next"
"""The values of the snooze menu."""

_UNDO_LABELS = {
    DecisionKind.ACKNOWLEDGED: "Undo acknowledge",
    DecisionKind.SNOOZED: "Undo snooze",
    DecisionKind.MIGRATED: "Undo migrated",
    DecisionKind.OWNED: "Undo owner",
}


def _format_button_value(line: answers.ReminderLine) -> str:
    """Format the value of the buttons of a reminder: `version|milestone|date`."""
    return f"{line.version}|{line.milestone.value}|{line.milestone_date}"


def format_decision(decision: answers.DecisionLine, version_title: str) -> str:
    """Format who decided what and when."""
    person, day = phrases.format_mention(decision.by) or "Someone", durations.format_date(decision.decided_on)
    for_date = durations.format_date(decision.original_date) if decision.original_date else ""
    original = f" This was for {for_date}; the date has changed since." if for_date else ""
    match decision.kind:
        case DecisionKind.ACKNOWLEDGED:
            return f"{person} acknowledged this ({day}). {_format_next_reminder(decision)}{original}"
        case DecisionKind.SNOOZED:
            until = f" until {durations.format_date(decision.quiet_until)}" if decision.quiet_until else ""
            remark = ", the last working day before the date" if until and decision.is_clamped else ""
            return f"{person} snoozed this on {day}{until}{remark}.{original}"
        case DecisionKind.MIGRATED:
            successor = f" to {kit.escape(format_title(decision.migrated_to))}" if decision.migrated_to else ""
            effect = f"This channel gets no more reminders about {kit.escape(version_title)}."
            return f"{person} marked this as migrated{successor} ({day}). {effect}"
        case DecisionKind.OWNED:
            return f"Owner: {phrases.format_mention(decision.owner)}, assigned by {person} ({day})."


def _format_next_reminder(decision: answers.DecisionLine) -> str:
    """Format the first reminder that is sent despite an acknowledgement."""
    if decision.quiet_until is None:
        return "No more reminders about this date: the schedule has no later step."
    names = {reminders.LAST_DAY: "the last day", reminders.PASSED: "the day after"}
    rung = reminders.LAST_CALL if decision.next_rung is None else decision.next_rung
    return f"Next reminder: {names.get(rung, 'the last call')} on {durations.format_date(decision.quiet_until)}."


def format_decisions(line: answers.ReminderLine) -> list[str]:
    """Format the decisions about a reminder, oldest first."""
    return [format_decision(decision, line.title) for decision in line.decisions]


def render_actions(line: answers.ReminderLine) -> kit.Block:
    """Render the buttons of a reminder. The block id identifies the reminder, because a menu has no value."""
    buttons = [*_list_decision_buttons(line), *_list_query_buttons(line), *_list_undo_buttons(line)]
    return kit.actions(buttons) | {"block_id": _format_button_value(line)}


def _list_decision_buttons(line: answers.ReminderLine) -> list[kit.Block]:
    kinds = {decision.kind for decision in line.decisions}
    if DecisionKind.MIGRATED in kinds:
        return []
    value, title = _format_button_value(line), line.title
    description = f"This channel has migrated from {title}"
    migrated = kit.button("We have migrated", MIGRATED, value, description=description, style="primary")
    owner = kit.button("Owner", OWN, value, description=f"Assign who is mentioned in {title} reminders")
    if line.rung <= reminders.LAST_CALL or line.days_left <= 1:
        return [migrated, owner]
    description = f"No reminders about {title} until the last call"
    acknowledge = kit.button("Acknowledge", ACKNOWLEDGE, value, description=description)
    snooze = {
        "type": "static_select",
        "action_id": SNOOZE,
        "placeholder": kit.plain("Snooze"),
        "options": [kit.option("1 week", WEEK), kit.option("until the next reminder", NEXT)],
    }
    return [migrated, *([] if DecisionKind.ACKNOWLEDGED in kinds else [acknowledge]), snooze, owner]


def _list_query_buttons(line: answers.ReminderLine) -> list[kit.Block]:
    description = f"Stop reminders about {line.title} here"
    unsubscribe = kit.button("Unsubscribe", "unsubscribe", line.version, description=description)
    effect = f"This channel will get no more reminders about {line.title}."
    return [
        kit.button("Successor", "successor", line.version, description=f"Version to upgrade to from {line.title}"),
        kit.button("Status", "status", line.version, description=f"Status of {line.title}"),
        kit.with_confirmation(unsubscribe, "Stop reminders?", effect, "Unsubscribe"),
    ]


def _list_undo_buttons(line: answers.ReminderLine) -> list[kit.Block]:
    value = _format_button_value(line)
    labels = {d.kind: _UNDO_LABELS[d.kind] for d in line.decisions if d.can_undo}
    return [
        kit.button(label, UNDO_PREFIX + kind.value, value, description=f"{label} for {line.title}")
        for kind, label in labels.items()
    ]
