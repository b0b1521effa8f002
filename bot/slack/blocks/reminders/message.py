"""Reminders, drawn: all that a channel is told on a day, most urgent first."""

from datetime import date
from functools import lru_cache

from bot import answers
from bot.policy import durations
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, operator, permissions, phrases, settings
from bot.slack.blocks.reminders import date_changes, decision_buttons, event_sections, notices
from storage.facts import Milestone

MAX_IN_FULL = 6
"""Reminders drawn with their own buttons; with more, the rest is folded into lines."""


def render(told: answers.Message) -> kit.Message:
    """Whatever the bot posts by itself."""
    match told:
        case answers.HealthMessage():
            return notices.render_health(told)
        case answers.Introduction():
            return notices.render_introduction(told)
        case answers.AccessRequestMessage():
            return permissions.render_access_request_message(told)
        case answers.AccessDecisionMessage():
            return permissions.render_access_decision_message(told)
        case answers.OperatorMessage():
            return operator.render(told)
        case answers.ReminderMessage():
            return render_reminder(told)


def render_reminder(message: answers.ReminderMessage) -> kit.Message:
    """The message of a day; its text is true on the day it is drawn."""
    blocks: list[kit.Block] = []
    if message.mention:
        blocks.append(kit.section(f"{settings.format_mention(message.mention)}: this is near."))
    for change in message.date_changes[:MAX_IN_FULL]:
        blocks += [*date_changes.render(change, message), kit.divider()]
    if len(message.date_changes) > MAX_IN_FULL:
        blocks += kit.paragraphs(
            f"• {kit.escape(date_changes.format_headline(change))}" for change in message.date_changes[MAX_IN_FULL:]
        )
    in_full = MAX_IN_FULL - min(len(message.date_changes), MAX_IN_FULL - 1)
    for line in message.lines[:in_full]:
        blocks += [*_drawn(line, message), kit.divider()]
    blocks += event_sections.render(message, min(len(message.date_changes), MAX_IN_FULL) + len(message.lines[:in_full]))
    if message.weekly is not None:
        blocks += notices.render_weekly_summary(message.weekly, message)
    blocks += _rest(message.lines[in_full:], message.day)
    late = _lateness(message) or _returned(message)
    blocks.append(
        kit.context(
            "\n".join(
                part for part in (late, phrases.format_responsibility(), phrases.format_source(message.source)) if part
            )
        )
    )
    return kit.message(blocks)


def _drawn(line: answers.ReminderLine, message: answers.ReminderMessage) -> list[kit.Block]:
    return date_changes.render_correction(line, message) if line.is_corrected else list(_in_full(line, message.day))


def format_headline(line: answers.ReminderLine) -> str:
    """What happens, in one line; counts from the day it is drawn on."""
    what = phrases.format_milestone(line.milestone, line.second_milestone)
    if line.days_left < 0:
        gone = "1 day ago" if line.days_left == -1 else f"{-line.days_left} days ago"
        weekday = durations.format_weekday(line.milestone_date)
        return f"{line.title}: the {what} was {weekday}, {gone}"
    match line.days_left:
        case 0:
            return f"{line.title}: today is the {what}"
        case 1:
            return f"{line.title}: tomorrow is the {what}"
        case left:
            return f"{line.title}: {left} days left until the {what}"


@lru_cache(maxsize=256)
def _in_full(line: answers.ReminderLine, today: date) -> tuple[kit.Block, ...]:
    """Kept, for the same version is told to many channels on a day."""
    paragraphs = [
        f"*{durations.format_long_date(line.milestone_date)}* ({durations.format_distance(today, line.milestone_date)})"
    ]
    paragraphs = [f"*{said}*" for said in decision_buttons.format_decisions(line)] + paragraphs
    paragraphs += [
        phrases.format_override(one, with_milestone=line.second_milestone is not None) for one in line.overrides
    ]
    paragraphs += [f"*Not verified*: {kit.escape(why)}. The last good date stays." for why in line.unverified_reasons]
    paragraphs += [_working_day(line, today)] if line.last_working_day and line.days_left > 0 else []
    paragraphs += [f"• {sentence}" for sentence in _consequences(line)]
    paragraphs.append("Image families: " + ", ".join(map(kit.code, line.families)) + ".")
    paragraphs += phrases.format_advice(
        line.advice, today, format_framework(line.version.partition("-")[0]), is_brief=True
    )
    return (kit.header(format_headline(line)), *kit.paragraphs(paragraphs), decision_buttons.render_actions(line))


def _consequences(line: answers.ReminderLine) -> tuple[str, ...]:
    """What the date means, said before, on, and after it."""
    passed = line.days_left < 0
    if line.second_milestone is not None:
        return _BOTH_PASSED if passed else _BOTH_AHEAD
    if line.milestone is Milestone.END_OF_AVAILABILITY:
        return _AVAILABILITY_PASSED if passed else _AVAILABILITY_AHEAD
    until = f"; their last day is {durations.format_date(line.next_availability)}" if line.next_availability else ""
    if passed:
        return (
            "No new image versions come: no patches, no security fixes.",
            "References to the image *family* (Terraform, `--image-family`) no longer resolve.",
            f"To go on for a while, name an image instead: image names keep working{until}.",
        )
    when = "At any hour of today" if line.days_left == 0 else "After it"
    return (
        "After it no new image versions come: no patches, no security fixes.",
        f"{when} the images may be hidden, and references to the image *family* (`--image-family`) stop resolving.",
        f"Image names keep working{until}.",
    )


_AVAILABILITY_AHEAD = (
    "After it these images may not be used any more: new VMs may be refused, and nothing can be downloaded.",
    "VMs that already run go on; what creates VMs from these images wants another image by then.",
)
_AVAILABILITY_PASSED = (
    "These images may not be used any more: new VMs may be refused, and nothing can be downloaded.",
    "VMs that already run go on.",
)
_BOTH_AHEAD = (
    "After it no patches come, the image *family* stops resolving, and new VMs may be refused, all at once.",
    "VMs that already run go on; what creates VMs from these images wants another image by then.",
)
_BOTH_PASSED = (
    "No patches come, the image *family* no longer resolves, and new VMs may be refused.",
    "VMs that already run go on.",
)


def _working_day(line: answers.ReminderLine, today: date) -> str:
    if line.last_working_day is None:
        return ""
    if line.last_working_day == today:
        return f"That is a {durations.format_weekday(line.milestone_date)}: today is the last working day before it."
    return (
        f"That is a {durations.format_weekday(line.milestone_date)}: the last working day before it is"
        f" {durations.format_long_date(line.last_working_day)}."
    )


@lru_cache(maxsize=64)
def _rest(lines: tuple[answers.ReminderLine, ...], today: date) -> tuple[kit.Block, ...]:
    """What is not drawn in full, a line each; kept, as what is."""
    said = [f"*And {len(lines)} more*", *(f"• {_folded(line, today)}" for line in lines)] if lines else []
    return tuple(kit.paragraphs(said))


def _folded(line: answers.ReminderLine, today: date) -> str:
    successor = line.advice.successor
    where = f"; go to {phrases.format_version(successor.version)}" if successor else ""
    said = "".join(f" {sentence}" for sentence in decision_buttons.format_decisions(line))
    mark = phrases.format_marks(is_overridden=bool(line.overrides), is_unverified=bool(line.unverified_reasons))
    return f"{kit.escape(format_headline(line))}: {phrases.format_date(today, line.milestone_date)}{mark}{where}.{said}"


def _returned(message: answers.ReminderMessage) -> str:
    snoozed = any(line.is_snooze_over for line in message.lines)
    return "This comes back today because somebody snoozed it." if snoozed else ""


def _lateness(message: answers.ReminderMessage) -> str:
    late = [line for line in message.lines if line.is_late]
    if not late:
        return ""
    since = min(line.due_on for line in late)
    return f"This comes late: it was meant for {durations.format_long_date(since)}."
