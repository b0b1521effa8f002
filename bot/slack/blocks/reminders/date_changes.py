"""Rendering of changed dates, and of corrected reminders."""

from bot import answers
from bot.policy import durations
from bot.policy.changes import Direction
from bot.slack.blocks import kit, phrases

_VERBS = {
    Direction.WITHDRAWN: "was withdrawn",
    Direction.EXTENDED: "was extended",
    Direction.LATER: "moved later",
    Direction.EARLIER: "moved EARLIER",
    Direction.INTO_THE_PAST: "has already passed",
}
_OLD_DECISIONS = "Acknowledgements and snoozes for the old date no longer apply."
_MEANINGS = {
    Direction.WITHDRAWN: "The date is to be determined. Reminders pause until Google publishes a new date.",
    Direction.EXTENDED: "Ignore the earlier message that the date has passed. Reminders now follow the new date.",
    Direction.LATER: "Reminders now follow the new date.",
    Direction.EARLIER: f"You have less time than announced. {_OLD_DECISIONS}",
    Direction.INTO_THE_PAST: f"The new date has already passed. {_OLD_DECISIONS}",
}


def render(line: answers.DateChangeLine, message: answers.ReminderMessage) -> list[kit.Block]:
    """Render a changed date, what the change means, and its source."""
    lines = [f"Previously: ~{durations.format_date(line.before)}~"]
    if line.after is not None:
        lines.append(f"Now: *{phrases.format_date(message.day, line.after)}*")
    lines += [kit.escape(line.override_note)] if line.override_note else []
    lines.append(_MEANINGS[line.direction])
    if line.kept_decisions:
        lines.append(f"Still in force for the new date: {', '.join(line.kept_decisions)}.")
    lines += [f"Owner: {phrases.format_mention(line.owner)}."] if line.owner else []
    lines.append(phrases.format_families(line.families))
    return [kit.header(format_headline(line)), *kit.paragraphs(lines), kit.actions([_render_status_button(line)])]


def _render_status_button(line: answers.DateChangeLine | answers.ReminderLine) -> kit.Block:
    return kit.button("Status", "status", line.version, description=f"Status of {line.title}")


def format_headline(line: answers.DateChangeLine) -> str:
    """Format the change of a date in one line."""
    return f"{line.title}: the {phrases.MILESTONE_NAMES[line.milestone]} {_VERBS[line.direction]}"


def render_correction(line: answers.ReminderLine, message: answers.ReminderMessage) -> list[kit.Block]:
    """Render the correction that replaces a sent reminder whose date has changed."""
    sent, old = durations.format_date(message.day), durations.format_date(line.milestone_date)
    milestone = phrases.format_milestone(line.milestone, line.second_milestone)
    now = "It’s now to be determined: Google publishes no date."
    if line.moved_to:
        marks = phrases.format_marks(is_overridden=bool(line.overrides))
        now = f"It’s now *{durations.format_long_date(line.moved_to)}*{marks}."
    return [
        kit.header(f"{line.title}: corrected, the date has changed"),
        kit.section(f"This reminder from {sent} gave ~{old}~ as the {milestone}. {now}"),
        kit.actions([_render_status_button(line)]),
    ]
