"""Rendering of the history of a version."""

from datetime import date

from bot import answers
from bot.answers import HistoryKind, HistoryLine
from bot.policy import durations
from bot.slack.blocks import kit, phrases

MAX_LINES = 25
"""Lines shown in Slack. The terminal shows all."""

_COLUMN_NAMES = {**phrases.MILESTONE_NAMES, "patch_version": "patch version", "label": "framework version"}


def render(answer: answers.History, max_lines: int = MAX_LINES) -> kit.Message:
    """Render notice periods and events. If there are too many lines, show the newest; 0 shows all."""
    title = f"History of {answer.title}" if answer.version else "All changes since the first reading"
    lines = answer.lines[-max_lines:] if max_lines else answer.lines
    blocks = [kit.header(title), *kit.paragraphs(map(_format_notice, answer.notices))]
    hidden = len(answer.lines) - len(lines)
    if hidden:
        count, command = phrases.pluralize(hidden, "earlier line"), f"dlvm catalogue history {answer.version}".strip()
        blocks.append(kit.section(f"_{count} not shown. In a terminal, {kit.code(command)} shows all._"))
    texts = [_format_line(line, with_version=not answer.version) for line in lines]
    blocks += kit.paragraphs(texts or ["No changes since the first reading."])
    return kit.message([*blocks, kit.context(f"{phrases.format_source(answer.source)} Days are in {answer.zone}.")])


def _format_notice(notice: answers.AdvanceNotice) -> str:
    name = phrases.capitalize(phrases.MILESTONE_NAMES[notice.milestone])
    line = (
        f"*{name}*, {durations.format_date(notice.day)}{phrases.format_marks_of(notice)}: first seen"
        f" {durations.format_date(notice.known_since)}, {_format_lead_time(notice.days)}."
    )
    if notice.announced_on is None or notice.announced_days_after is None:
        return f"{line} Not mentioned in the release notes dlvm has seen."
    source = kit.link(notice.announcement_url, "release notes") if notice.announcement_url else "release notes"
    return (
        f"{line} Google’s {source} mentioned it on {durations.format_date(notice.announced_on)},"
        f" {_format_lead_time(-notice.announced_days_after)}."
    )


def _format_lead_time(days: int) -> str:
    """Format the days from an event to a date; negative if the event was later."""
    if days == 0:
        return "on the date itself"
    return f"{phrases.pluralize(abs(days), 'day')} {'before' if days > 0 else 'after'} the date"


def _format_line(line: HistoryLine, *, with_version: bool) -> str:
    version = f"{kit.code(line.version)}: " if with_version else ""
    return f"• *{durations.format_date(line.day)}*  {version}{_format_event(line)}{_format_families(line)}"


def _format_families(line: HistoryLine) -> str:
    if not line.families or (line.is_whole_version and line.kind is not HistoryKind.FIRST_SEEN):
        return ""
    return f" ({kit.codes(line.families)})"


def _format_event(line: HistoryLine) -> str:
    is_override = line.kind in {HistoryKind.OVERRIDE_SET, HistoryKind.OVERRIDE_ENDED}
    return _EVENTS[line.kind].format(
        name=_COLUMN_NAMES.get(line.field, line.field),
        field=kit.escape(line.field),
        before=_quote(line.before),
        after=_quote(line.after),
        day=durations.format_date(date.fromisoformat(line.after)) if is_override else "",
        lead_time=f", {_format_lead_time(line.notice_days)}" if line.notice_days is not None else "",
        by=kit.escape(line.by),
        reviewer=f" by {kit.escape(line.by)}" if line.by else "",
        kept=f"; {_quote(line.before)} was kept" if line.before else "",
        text=kit.escape(line.text),
        source=kit.link(line.url, "release notes") if line.url else "release notes",
    )


_EVENTS = {
    HistoryKind.FIRST_SEEN: "first seen in the table",
    HistoryKind.PRINTED: "{name} published as {after}{lead_time}",
    HistoryKind.MOVED: "{name} changed from {before} to {after}{lead_time}",
    HistoryKind.FILLED_IN: "{name} filled in: {after}{lead_time} (previously {before})",
    HistoryKind.WITHDRAWN: "{name} withdrawn: {after} (previously {before})",
    HistoryKind.REPRINTED: "{name} respelled: {after} (previously {before})",
    HistoryKind.REPLACED: "{name} {before} → {after}",
    HistoryKind.VANISHED: "removed from the table",
    HistoryKind.RETURNED: "listed again",
    HistoryKind.QUARANTINED: "sent for review: {name} {after}: {text}{reviewer}{kept}",
    HistoryKind.OVERRIDE_SET: "{name} overridden with {day} by {by}{lead_time}: {text}",
    HistoryKind.OVERRIDE_ENDED: "{name} no longer overridden with {day}: {text}",
    HistoryKind.RELEASE_NOTE: "{source}, {field}: {text}",
}


def _quote(text: str) -> str:
    return f"“{kit.escape(text)}”"
