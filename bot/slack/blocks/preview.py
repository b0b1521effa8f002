"""What will come to a channel when, and what will not, drawn."""

from datetime import date, datetime
from itertools import groupby

from bot import answers
from bot.policy import durations, time_zones
from bot.slack.blocks import kit, phrases

MAX_LINES = 60
"""More would not fit a message; the rest is counted."""


def render(answer: answers.Preview) -> kit.Message:
    """The answer to `/dlvm preview`."""
    coming = [line for line in answer.lines if not line.skip_reason]
    moments = len({line.at for line in coming})
    many = "No message" if not moments else "1 message" if moments == 1 else f"{moments} messages"
    blocks = [kit.header(f"{many} in the next {phrases.format_days(answer.within)}")]
    if not answer.subscribed_versions:
        start = kit.code("/dlvm subscribe pytorch-2.9")
        return kit.message([*blocks, kit.section(f"This channel watches nothing. To be reminded: {start}")])
    blocks += kit.paragraphs(_by_moment(coming[:MAX_LINES], answer), separator="\n\n")
    blocks += _later(answer)
    silent = [line for line in answer.lines if line.skip_reason]
    if silent:
        shown = [f"• {_silent(line, answer)}" for line in silent[:MAX_LINES]]
        blocks += kit.paragraphs([f"*Will not come by themselves ({len(silent)})*", *shown])
    left_out = len(answer.lines) - len(coming[:MAX_LINES]) - len(silent[:MAX_LINES])
    more = f"{left_out} more are not shown. " if left_out > 0 else ""
    weekly = "A summary comes at the beginning of each week besides. " if answer.weekly else ""
    notes = "What the release notes say of these versions comes besides. " if answer.release_notes else ""
    return kit.message(
        [*blocks, kit.context(f"{more}{weekly}{notes}Times are in {answer.zone}. Dates that move change all of this.")]
    )


def _by_moment(lines: list[answers.PreviewLine], answer: answers.Preview) -> list[str]:
    return [
        "\n".join([f"*{phrases.format_moment(at, answer.zone)}*", *(f"• {_line(line, answer)}" for line in together)])
        for at, together in groupby(lines, key=lambda line: line.at)
    ]


def _line(line: answers.PreviewLine, answer: answers.Preview) -> str:
    there = phrases.format_date(_day(line.at, answer.zone), line.milestone_date)
    return f"{phrases.format_version(line.version)}: {phrases.MILESTONE_NAMES[line.milestone]}, {there}{phrases.format_marks_of(line)}"


def _silent(line: answers.PreviewLine, answer: answers.Preview) -> str:
    return (
        f"{phrases.format_version(line.version)}, {phrases.format_rung(line.rung)} the {phrases.MILESTONE_NAMES[line.milestone]}"
        f" ({durations.format_date(_day(line.at, answer.zone))}): {kit.escape(line.skip_reason)}"
    )


def _later(answer: answers.Preview) -> list[kit.Block]:
    if answer.first_after is None:
        nothing = not any(not line.skip_reason for line in answer.lines)
        return [kit.section("Nothing is ahead: every date has passed or is not known.")] if nothing else []
    return [kit.section(f"The next one after that: *{phrases.format_moment(answer.first_after.at, answer.zone)}*.")]


def _day(at: datetime, zone: str) -> date:
    return time_zones.to_local_date(at, zone)
