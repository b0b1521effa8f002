"""A date that moved, and messages sent earlier that it made wrong, drawn."""

from bot import answers
from bot.policy import durations
from bot.policy.changes import Direction
from bot.slack.blocks import kit, phrases, settings


def render(line: answers.DateChangeLine, message: answers.ReminderMessage) -> list[kit.Block]:
    """What moved, what that means now, and where it is from."""
    today = message.day
    what = phrases.MILESTONE_NAMES[line.milestone]
    before = f"~{durations.format_date(line.before)}~"
    sentences = [f"The {what} was {before} here." if line.override_note else f"The {what} was printed as {before}."]
    if line.after is not None:
        sentences.append(
            f"It is now *{phrases.format_date(today, line.after)}*, {phrases.format_days_left(today, line.after)}."
        )
    sentences += [kit.escape(line.override_note)] if line.override_note else []
    sentences.append(_MEANING[line.direction])
    if line.kept_decisions:
        sentences.append(f"What this channel decided for the old date goes on: {', '.join(line.kept_decisions)}.")
    sentences += [f"Owner: {settings.format_mention(line.owner)}."] if line.owner else []
    sentences.append("Image families: " + ", ".join(map(kit.code, line.families)) + ".")
    status = kit.button("Status", "status", line.version, description=f"Status of {line.title}")
    return [kit.header(format_headline(line)), *kit.paragraphs(sentences), kit.actions([status])]


def format_headline(line: answers.DateChangeLine) -> str:
    """What moved which way, in one line."""
    what = phrases.MILESTONE_NAMES[line.milestone]
    match line.direction:
        case Direction.WITHDRAWN:
            return f"{line.title}: the date of the {what} was withdrawn"
        case Direction.EXTENDED:
            return f"{line.title}: the {what} was extended"
        case Direction.LATER:
            return f"{line.title}: the {what} moved later"
        case Direction.EARLIER:
            return f"{line.title}: the {what} moved EARLIER"
        case Direction.INTO_THE_PAST:
            return f"{line.title}: the {what} has passed already"


def render_correction(line: answers.ReminderLine, message: answers.ReminderMessage) -> list[kit.Block]:
    """What is left of a reminder whose date moved."""
    what = phrases.format_milestone(line.milestone, line.second_milestone)
    then, gone = durations.format_date(message.day), durations.format_date(line.milestone_date)
    now = (
        f"It is now *{durations.format_long_date(line.moved_to)}*{phrases.format_marks(is_overridden=bool(line.overrides))}."
        if line.moved_to
        else "It is to be determined: no date is printed at present."
    )
    return [
        kit.header(f"{line.title}: corrected, the date has moved"),
        kit.section(f"This reminder of {then} said that ~{gone}~ is the {what}. {now}"),
        kit.actions([kit.button("Status", "status", line.version, description=f"Status of {line.title}")]),
    ]


_MEANING = {
    Direction.WITHDRAWN: "It is to be determined: the countdown stops here, and goes on when a date is printed again.",
    Direction.EXTENDED: "Disregard the earlier message that it had passed. Reminders count towards the new date.",
    Direction.LATER: "Reminders count towards the new date.",
    Direction.EARLIER: "There is less time than was said here. Acknowledgements and snoozes for the old date are void.",
    Direction.INTO_THE_PAST: "The period it ends is over. Acknowledgements and snoozes for the old date are void.",
}
