"""Rendering of a preview: the upcoming reminders of a channel, and the skipped ones."""

from itertools import groupby

from bot import answers
from bot.policy import durations, time_zones
from bot.slack.blocks import kit, phrases

MAX_LINES = 60
"""Reminders that fit in a message. The rest is counted."""


def render(answer: answers.Preview) -> kit.Message:
    """Render the reminders in the order they are sent, and the skipped ones with reasons."""
    upcoming = [line for line in answer.lines if not line.skip_reason]
    skipped = [line for line in answer.lines if line.skip_reason]
    messages = len({line.at for line in upcoming})
    count = phrases.pluralize(messages, "message") if messages else "No messages"
    blocks = [kit.header(f"{count} in the next {phrases.pluralize(answer.within, 'day')}")]
    if not answer.subscribed_versions:
        command = kit.code("/dlvm subscribe pytorch-2.9")
        return kit.message([*blocks, kit.section(f"This channel has no subscriptions. To get reminders: {command}")])
    blocks += kit.paragraphs(_list_messages(upcoming[:MAX_LINES], answer), separator="\n\n")
    blocks += _render_first_after(answer)
    if skipped:
        lines = [f"• {_format_skipped(line, answer)}" for line in skipped[:MAX_LINES]]
        blocks += kit.paragraphs([f"*Won’t be sent ({len(skipped)})*", *lines])
    return kit.message([*blocks, kit.context(_format_hints(answer, len(upcoming), len(skipped)))])


def _format_hints(answer: answers.Preview, upcoming: int, skipped: int) -> str:
    hidden = max(upcoming - MAX_LINES, 0) + max(skipped - MAX_LINES, 0)
    hints = [f"{hidden} more not shown."] if hidden else []
    hints += ["A summary is also sent at the start of each week."] if answer.weekly else []
    hints += ["Release notes about these versions are also sent."] if answer.release_notes else []
    hints.append(f"Times are in {answer.zone}. Date changes affect this preview.")
    return " ".join(hints)


def _list_messages(lines: list[answers.PreviewLine], answer: answers.Preview) -> list[str]:
    return [
        f"*{phrases.format_moment(at, answer.zone)}*" + "".join(f"\n• {_format_line(line, answer)}" for line in group)
        for at, group in groupby(lines, key=lambda line: line.at)
    ]


def _format_line(line: answers.PreviewLine, answer: answers.Preview) -> str:
    day = phrases.format_marked_date(time_zones.to_local_date(line.at, answer.zone), line.milestone_date, line)
    return f"{kit.code(line.version)}: {phrases.MILESTONE_NAMES[line.milestone]}, {day}"


def _format_skipped(line: answers.PreviewLine, answer: answers.Preview) -> str:
    day = durations.format_date(time_zones.to_local_date(line.at, answer.zone))
    rung = phrases.format_rung(line.rung, line.milestone)
    return f"{kit.code(line.version)}, {rung} ({day}): {kit.escape(line.skip_reason)}"


def _render_first_after(answer: answers.Preview) -> list[kit.Block]:
    if answer.first_after is not None:
        return [kit.section(f"Next message: *{phrases.format_moment(answer.first_after.at, answer.zone)}*.")]
    if all(line.skip_reason for line in answer.lines):
        return [kit.section("No upcoming reminders: every date has passed or is unknown.")]
    return []
