"""The story of a version, drawn."""

from datetime import date

from bot import answers
from bot.answers import HistoryKind, HistoryLine
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone

MAX_LINES = 25
"""Lines of a story in Slack; the terminal tells all."""

_COLUMNS = {
    Milestone.END_OF_PATCH_AND_SUPPORT.value: phrases.MILESTONE_NAMES[Milestone.END_OF_PATCH_AND_SUPPORT],
    Milestone.END_OF_AVAILABILITY.value: phrases.MILESTONE_NAMES[Milestone.END_OF_AVAILABILITY],
    "patch_version": "patch version",
    "label": "framework version",
}


def render(answer: answers.History, max_lines: int = MAX_LINES) -> kit.Message:
    """The answer to `/dlvm history`: how much notice it got, and what happened; of many lines the newest."""
    whose = f"The history of {answer.title}" if answer.version else "What changed since the catalogue began"
    shown = answer.lines[-max_lines:] if max_lines else answer.lines
    left_out = len(answer.lines) - len(shown)
    blocks = [kit.header(whose), *kit.paragraphs(_notice(each) for each in answer.notices)]
    if left_out:
        more = kit.code(f"dlvm catalogue history {answer.version}".strip())
        earlier = "1 earlier line is" if left_out == 1 else f"{left_out} earlier lines are"
        blocks.append(kit.section(f"_{earlier} not shown here: {more} in the terminal tells all._"))
    told = [_line(line, named=not answer.version) for line in shown]
    blocks += kit.paragraphs(told or ["Nothing has changed since the catalogue began."])
    return kit.message([*blocks, kit.context(f"{phrases.format_source(answer.source)} Days are in {answer.zone}.")])


def _notice(each: answers.AdvanceNotice) -> str:
    known = f"known here since {durations.format_date(each.known_since)}, {_apart(each.days)}"
    mark = phrases.format_marks_of(each)
    line = f"*{_capital(phrases.MILESTONE_NAMES[each.milestone])}*, {durations.format_date(each.day)}{mark}: {known}."
    if each.announced_on is None or each.announced_days_after is None:
        return f"{line} Google’s release notes have not told of it, as far as dlvm has read them."
    return f"{line} {_named(each.announced_on, each.announced_days_after, each.announcement_url)}"


def _named(on: date, after: int, url: str) -> str:
    notes = kit.link(url, "Google’s release notes") if url else "Google’s release notes"
    return f"{notes} named it on {durations.format_date(on)}, {_apart(-after)}."


def _apart(days: int) -> str:
    """How long before or after a date something was."""
    if days == 0:
        return "on that very day"
    return f"{phrases.format_days(days)} before it" if days > 0 else f"{phrases.format_days(-days)} after it"


def _line(line: HistoryLine, *, named: bool) -> str:
    version = f"{phrases.format_version(line.version)}: " if named else ""
    return f"• *{durations.format_date(line.day)}*  {version}{_told(line)}{_families(line)}"


def _families(line: HistoryLine) -> str:
    if not line.families or (line.is_whole_version and line.kind is not HistoryKind.FIRST_SEEN):
        return ""
    return f" ({', '.join(map(kit.code, line.families))})"


def _told(line: HistoryLine) -> str:  # noqa: C901, PLR0911, PLR0912 - one case an event is the table it stands for
    what = _COLUMNS.get(line.field, line.field)
    before, after = _quoted(line.before), _quoted(line.after)
    when = f", {_apart(line.notice_days)}" if line.notice_days is not None else ""
    match line.kind:
        case HistoryKind.FIRST_SEEN:
            return "first seen in the table"
        case HistoryKind.PRINTED:
            return f"{what} printed as {after}{when}"
        case HistoryKind.MOVED:
            return f"{what} moved from {before} to {after}{when.replace(', ', ', found ', 1)}"
        case HistoryKind.FILLED_IN:
            return f"{what} filled in: {after}{when}, where {before} stood"
        case HistoryKind.WITHDRAWN:
            return f"{what} withdrawn: {after} is printed where {before} stood"
        case HistoryKind.REPRINTED:
            return f"{what} printed as {after} where {before} stood"
        case HistoryKind.REPLACED:
            return f"{what} {before} → {after}"
        case HistoryKind.VANISHED:
            return "vanished from the table"
        case HistoryKind.RETURNED:
            return "listed again"
        case HistoryKind.QUARANTINED:
            return f"held back: {what} {after}, for {_sentence(line.text, line.by)}{_kept(line.before)}"
        case HistoryKind.OVERRIDE_SET:
            day = durations.format_date(date.fromisoformat(line.after))
            return f"{what} set by hand to {day} by {kit.escape(line.by)}{when}: {kit.escape(line.text)}"
        case HistoryKind.OVERRIDE_ENDED:
            day = durations.format_date(date.fromisoformat(line.after))
            return f"{what} no longer set by hand to {day}: {kit.escape(line.text)}"
        case HistoryKind.RELEASE_NOTE:
            notes = kit.link(line.url, "release notes") if line.url else "release notes"
            return f"{notes}, {kit.escape(line.field)}: {kit.escape(line.text)}"


def _kept(last_good: str) -> str:
    return f"; {_quoted(last_good)} was kept" if last_good else ""


def _sentence(text: str, by: str) -> str:
    return f"{kit.escape(text)} by {kit.escape(by)}" if by else kit.escape(text)


def _quoted(text: str) -> str:
    return f"“{kit.escape(text)}”"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
