"""A date that moved, and messages sent earlier that it made wrong, drawn."""

from bot import answers
from bot.policy import durations
from bot.policy.changes import Direction
from bot.slack.blocks import kit, phrases, settings


def in_full(line: answers.MovedLine, message: answers.ReminderMessage) -> list[kit.Block]:
    """What moved, what that means now, and where it is from."""
    today = message.day
    what = phrases.LAST_DAY_OF[line.milestone]
    before = f"~{durations.plain_date(line.before)}~"
    sentences = [f"The {what} was {before} here." if line.remark else f"The {what} was printed as {before}."]
    if line.after is not None:
        sentences.append(f"It is now *{phrases.dated(today, line.after)}*, {phrases.counted(today, line.after)}.")
    sentences += [kit.escape(line.remark)] if line.remark else []
    sentences.append(_MEANING[line.direction])
    if line.kept:
        sentences.append(f"What this channel decided for the old date goes on: {', '.join(line.kept)}.")
    sentences += [f"Owner: {settings.mention(line.owner)}."] if line.owner else []
    sentences.append("Image families: " + ", ".join(map(kit.code, line.families)) + ".")
    status = kit.button("Status", "status", line.version, describe=f"Status of {line.title}")
    return [kit.header(headline(line)), *kit.paragraphs(sentences), kit.actions([status])]


def headline(line: answers.MovedLine) -> str:
    """What moved which way, in one line."""
    what = phrases.LAST_DAY_OF[line.milestone]
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


def corrected(line: answers.ReminderLine, message: answers.ReminderMessage) -> list[kit.Block]:
    """What is left of a reminder whose date moved."""
    what = phrases.last_day_of(line.milestone, line.also)
    then, gone = durations.plain_date(message.day), durations.plain_date(line.milestone_date)
    now = (
        f"It is now *{durations.long_date(line.moved_to)}*{phrases.mark(by_hand=bool(line.by_hand))}."
        if line.moved_to
        else "It is to be determined: no date is printed at present."
    )
    return [
        kit.header(f"{line.title}: corrected, the date has moved"),
        kit.section(f"This reminder of {then} said that ~{gone}~ is the {what}. {now}"),
        kit.actions([kit.button("Status", "status", line.version, describe=f"Status of {line.title}")]),
    ]


_MEANING = {
    Direction.WITHDRAWN: "It is to be determined: the countdown stops here, and goes on when a date is printed again.",
    Direction.EXTENDED: "Disregard the earlier message that it had passed. Reminders count towards the new date.",
    Direction.LATER: "Reminders count towards the new date.",
    Direction.EARLIER: "There is less time than was said here. Acknowledgements and snoozes for the old date are void.",
    Direction.INTO_THE_PAST: "The period it ends is over. Acknowledgements and snoozes for the old date are void.",
}
