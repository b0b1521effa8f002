"""Rendering of messages that dlvm sends on its own, and of the reminder message of a day."""

from datetime import date
from functools import lru_cache

from bot import answers
from bot.policy import durations
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, operator, permissions, phrases
from bot.slack.blocks.reminders import date_changes, decision_buttons, event_sections, notices
from storage.facts import Milestone

MAX_IN_FULL = 6
"""Reminders rendered in full, with buttons. The rest is folded into lines."""


def render(message: answers.Message) -> kit.Message:
    """Render any message that dlvm sends on its own."""
    match message:
        case answers.HealthMessage():
            return notices.render_health(message)
        case answers.Introduction():
            return notices.render_introduction(message)
        case answers.AccessRequestMessage():
            return permissions.render_access_request_message(message)
        case answers.AccessDecisionMessage():
            return permissions.render_access_decision_message(message)
        case answers.OperatorMessage():
            return operator.render(message)
        case answers.ReminderMessage():
            return render_reminder(message)


def render_reminder(message: answers.ReminderMessage) -> kit.Message:
    """Render the reminder message of a day. Its distances are true on that day."""
    blocks: list[kit.Block] = []
    if message.mention:
        blocks.append(kit.section(f"{phrases.format_mention(message.mention)}: this date is close."))
    for change in message.date_changes[:MAX_IN_FULL]:
        blocks += [*date_changes.render(change, message), kit.divider()]
    blocks += kit.paragraphs(
        f"• {kit.escape(date_changes.format_headline(change))}" for change in message.date_changes[MAX_IN_FULL:]
    )
    in_full = MAX_IN_FULL - min(len(message.date_changes), MAX_IN_FULL - 1)
    for line in message.lines[:in_full]:
        is_corrected = line.is_corrected
        blocks += date_changes.render_correction(line, message) if is_corrected else _render_in_full(line, message.day)
        blocks.append(kit.divider())
    sections = min(len(message.date_changes), MAX_IN_FULL) + len(message.lines[:in_full])
    blocks += event_sections.render(message, sections)
    if message.weekly is not None:
        blocks += notices.render_weekly_summary(message.weekly, message)
    blocks += _render_folded(message.lines[in_full:])
    footer = (_format_lateness(message), phrases.RESPONSIBILITY, phrases.format_source(message.source))
    return kit.message([*blocks, kit.context("\n".join(filter(None, footer)))])


def format_headline(line: answers.ReminderLine) -> str:
    """Format a reminder in one line, counting from the day it is rendered on."""
    milestone = phrases.format_milestone(line.milestone, line.second_milestone)
    if line.days_left < 0:
        weekday = durations.format_weekday(line.milestone_date)
        return f"{line.title}: the {milestone} was {weekday}, {phrases.pluralize(-line.days_left, 'day')} ago"
    soon = {0: "today is", 1: "tomorrow is"}.get(line.days_left, f"{line.days_left} days left until")
    return f"{line.title}: {soon} the {milestone}"


@lru_cache(maxsize=256)
def _render_in_full(line: answers.ReminderLine, today: date) -> tuple[kit.Block, ...]:
    """Render a reminder with buttons. Cached, because many channels get equal reminders on a day."""
    distance = durations.format_distance(today, line.milestone_date)
    paragraphs = [f"*{sentence}*" for sentence in decision_buttons.format_decisions(line)]
    paragraphs.append(f"*{durations.format_long_date(line.milestone_date)}* ({distance})")
    has_both = line.second_milestone is not None
    paragraphs += [phrases.format_override(override, with_milestone=has_both) for override in line.overrides]
    reasons = map(kit.escape, line.unverified_reasons)
    paragraphs += [f"*Not verified*: {reason}. The last good date stays." for reason in reasons]
    paragraphs += _list_working_day(line, today)
    paragraphs += [f"• {sentence}" for sentence in _list_consequences(line)]
    paragraphs.append(phrases.format_families(line.families))
    framework = format_framework(line.version.partition("-")[0])
    paragraphs += phrases.format_advice(line.advice, today, framework, is_brief=True)
    return (kit.header(format_headline(line)), *kit.paragraphs(paragraphs), decision_buttons.render_actions(line))


def _list_consequences(line: answers.ReminderLine) -> tuple[str, ...]:
    has_passed = line.days_left < 0
    if line.second_milestone is not None:
        return _BOTH_PASSED if has_passed else _BOTH_AHEAD
    if line.milestone is Milestone.END_OF_AVAILABILITY:
        return _AVAILABILITY_PASSED if has_passed else _AVAILABILITY_AHEAD
    until = f" until {durations.format_date(line.next_availability)}" if line.next_availability else ""
    if has_passed:
        return (
            phrases.NO_PATCHES,
            "References to the image *family* (Terraform, `--image-family`) no longer resolve.",
            f"To keep creating VMs for now, name an image instead: image names still work{until}.",
        )
    when = "At any time today" if line.days_left == 0 else "After this date"
    return (
        "After this date Google no longer releases patches or security fixes.",
        f"{when} the images can be hidden, and references to the image *family* (`--image-family`) stop resolving.",
        f"Image names still work{until}.",
    )


_SWITCH = f"{phrases.RUNNING_VMS} Switch anything that creates VMs from these images before then."
_AVAILABILITY_AHEAD = (phrases.UNUSABLE_AFTER, _SWITCH)
_AVAILABILITY_PASSED = (phrases.UNUSABLE, phrases.RUNNING_VMS)
_REFUSAL = "and Google can refuse new VMs."
_BOTH_AHEAD = (f"After this date patches end, the image *family* stops resolving, {_REFUSAL}", _SWITCH)
_BOTH_PASSED = (f"Patches have ended, the image *family* no longer resolves, {_REFUSAL}", phrases.RUNNING_VMS)


def _list_working_day(line: answers.ReminderLine, today: date) -> list[str]:
    if line.last_working_day is None or line.days_left <= 0:
        return []
    weekday = durations.format_weekday(line.milestone_date)
    if line.last_working_day == today:
        return [f"That’s a {weekday}. Today is the last working day before it."]
    last = durations.format_long_date(line.last_working_day)
    return [f"That’s a {weekday}. The last working day before it is {last}."]


@lru_cache(maxsize=64)
def _render_folded(lines: tuple[answers.ReminderLine, ...]) -> tuple[kit.Block, ...]:
    """Render one line for each reminder. Cached, because many channels get equal reminders on a day."""
    if not lines:
        return ()
    return tuple(kit.paragraphs([f"*And {len(lines)} more*", *(f"• {_format_folded(line)}" for line in lines)]))


def _format_folded(line: answers.ReminderLine) -> str:
    marks = phrases.format_marks(is_overridden=bool(line.overrides), is_unverified=bool(line.unverified_reasons))
    successor = line.advice.successor
    upgrade = f"; upgrade to {kit.code(successor.version)}" if successor else ""
    date_text = f"{durations.format_date(line.milestone_date)}{marks}"
    sentence = f"{kit.escape(format_headline(line))}: {date_text}{upgrade}."
    return " ".join([sentence, *decision_buttons.format_decisions(line)])


def _format_lateness(message: answers.ReminderMessage) -> str:
    """Format why a message is sent today if it was due earlier or a snooze ended; otherwise empty."""
    due_days = [line.due_on for line in message.lines if line.is_late]
    if due_days:
        return f"This reminder is late: it was due on {durations.format_long_date(min(due_days))}."
    if any(line.is_snooze_over for line in message.lines):
        return "This reminder is back because a snooze ended."
    return ""
