"""The story of a version, drawn."""

from datetime import date

from bot import answers
from bot.answers import Happened, HistoryLine
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone

MOST_LINES = 25
"""Lines of a story in Slack; the terminal tells all."""

_COLUMNS = {
    Milestone.END_OF_PATCH_AND_SUPPORT.value: phrases.LAST_DAY_OF[Milestone.END_OF_PATCH_AND_SUPPORT],
    Milestone.END_OF_AVAILABILITY.value: phrases.LAST_DAY_OF[Milestone.END_OF_AVAILABILITY],
    "patch_version": "patch version",
    "label": "framework version",
}


def history(answer: answers.History, most: int = MOST_LINES) -> kit.Message:
    """The answer to `/dlvm history`: how much notice it got, and what happened; of many lines the newest."""
    whose = f"The history of {answer.title}" if answer.version else "What changed since the catalogue began"
    shown = answer.lines[-most:] if most else answer.lines
    left_out = len(answer.lines) - len(shown)
    blocks = [kit.header(whose), *kit.paragraphs(_notice(each) for each in answer.notices)]
    if left_out:
        more = kit.code(f"dlvm catalogue history {answer.version}".strip())
        earlier = "1 earlier line is" if left_out == 1 else f"{left_out} earlier lines are"
        blocks.append(kit.section(f"_{earlier} not shown here: {more} in the terminal tells all._"))
    told = [_line(line, named=not answer.version) for line in shown]
    blocks += kit.paragraphs(told or ["Nothing has changed since the catalogue began."])
    return kit.message([*blocks, kit.context(f"{phrases.source(answer.source)} Days are in {answer.zone}.")])


def _notice(each: answers.Notice) -> str:
    known = f"known here since {durations.plain_date(each.known_since)}, {_apart(each.days)}"
    mark = phrases.mark_of(each)
    line = f"*{_capital(phrases.LAST_DAY_OF[each.milestone])}*, {durations.plain_date(each.day)}{mark}: {known}."
    if each.noted_on is None or each.noted_after is None:
        return f"{line} Google’s release notes have not told of it, as far as dlvm has read them."
    return f"{line} {_named(each.noted_on, each.noted_after, each.noted_url)}"


def _named(on: date, after: int, url: str) -> str:
    notes = kit.link(url, "Google’s release notes") if url else "Google’s release notes"
    return f"{notes} named it on {durations.plain_date(on)}, {_apart(-after)}."


def _apart(days: int) -> str:
    """How long before or after a date something was."""
    if days == 0:
        return "on that very day"
    return f"{phrases.days(days)} before it" if days > 0 else f"{phrases.days(-days)} after it"


def _line(line: HistoryLine, *, named: bool) -> str:
    version = f"{phrases.version(line.version)}: " if named else ""
    return f"• *{durations.plain_date(line.on)}*  {version}{_told(line)}{_families(line)}"


def _families(line: HistoryLine) -> str:
    if not line.families or (line.everywhere and line.what is not Happened.SEEN):
        return ""
    return f" ({', '.join(map(kit.code, line.families))})"


def _told(line: HistoryLine) -> str:  # noqa: C901, PLR0911, PLR0912 - one case an event is the table it stands for
    what = _COLUMNS.get(line.field, line.field)
    before, after = _quoted(line.before), _quoted(line.after)
    when = f", {_apart(line.notice)}" if line.notice is not None else ""
    match line.what:
        case Happened.SEEN:
            return "first seen in the table"
        case Happened.PRINTED:
            return f"{what} printed as {after}{when}"
        case Happened.MOVED:
            return f"{what} moved from {before} to {after}{when.replace(', ', ', found ', 1)}"
        case Happened.FILLED_IN:
            return f"{what} filled in: {after}{when}, where {before} stood"
        case Happened.WITHDRAWN:
            return f"{what} withdrawn: {after} is printed where {before} stood"
        case Happened.REPRINTED:
            return f"{what} printed as {after} where {before} stood"
        case Happened.REPLACED:
            return f"{what} {before} → {after}"
        case Happened.VANISHED:
            return "vanished from the table"
        case Happened.RETURNED:
            return "listed again"
        case Happened.HELD:
            return f"held back: {what} {after}, for {_sentence(line.text, line.by)}{_kept(line.before)}"
        case Happened.SET_BY_HAND:
            day = durations.plain_date(date.fromisoformat(line.after))
            return f"{what} set by hand to {day} by {kit.escape(line.by)}{when}: {kit.escape(line.text)}"
        case Happened.ENDED_BY_HAND:
            day = durations.plain_date(date.fromisoformat(line.after))
            return f"{what} no longer set by hand to {day}: {kit.escape(line.text)}"
        case Happened.NOTED:
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
