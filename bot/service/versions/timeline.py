"""Lines of a version's history, built from stored values, quarantine entries, overrides and release notes."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time

from msgspec.structs import replace

from bot.answers import HistoryKind, HistoryLine
from bot.policy import time_zones
from storage import catalogue_history
from storage.facts import WHOLE_PAGE, HistoricalValue, Milestone, Override, QuarantineEntry, ReleaseNote, Resolution

MAX_NOTE_LENGTH = 200
"""Characters of a release note in a line."""

_DATES = frozenset(milestone.value for milestone in Milestone)


def list_value_lines(values: Iterable[HistoricalValue], zone: str) -> Iterator[HistoryLine]:
    """Yield a line for each change of a row or cell. The values come oldest first."""
    previous_values: dict[tuple[str, str], HistoricalValue] = {}
    for value in values:
        key = (value.family, value.field)
        previous = previous_values.get(key)
        previous_values[key] = value
        is_row = value.field == catalogue_history.ROW
        kind = _classify_row(value, previous) if is_row else _classify_cell(value, previous)
        if kind is not None:
            day = time_zones.to_local_date(value.first_seen, zone)
            line = HistoryLine(value.first_seen, day, kind, value.version, (value.family,))
            if not is_row:
                before, notice_days = previous.printed if previous else "", _count_notice_days(day, value)
                line = replace(line, field=value.field, before=before, after=value.printed, notice_days=notice_days)
            yield line


def _classify_row(value: HistoricalValue, previous: HistoricalValue | None) -> HistoryKind:
    if value.value == catalogue_history.VANISHED:
        return HistoryKind.VANISHED
    return HistoryKind.FIRST_SEEN if previous is None else HistoryKind.RETURNED


def _classify_cell(value: HistoricalValue, previous: HistoricalValue | None) -> HistoryKind | None:
    """Return the kind of change, or None for the first value of a cell that is not a date."""
    is_date = value.field in _DATES
    if previous is None:
        return HistoryKind.PRINTED if is_date else None
    if not is_date:
        return HistoryKind.REPLACED
    if value.value == previous.value:
        return HistoryKind.REPRINTED
    if not previous.value:
        return HistoryKind.FILLED_IN
    return HistoryKind.MOVED if value.value else HistoryKind.WITHDRAWN


def _count_notice_days(day: date, value: HistoricalValue) -> int | None:
    is_known_date = value.field in _DATES and value.value
    return (date.fromisoformat(value.value) - day).days if is_known_date else None


def list_quarantine_lines(
    entries: Iterable[QuarantineEntry], version_by_family: Mapping[str, str], zone: str
) -> Iterator[HistoryLine]:
    """Yield a line for each quarantined cell of the given families. Quarantined pages are left out."""
    for entry in entries:
        if entry.field == WHOLE_PAGE or entry.family not in version_by_family:
            continue
        resolution = {Resolution.OPEN: "", Resolution.GONE: "no longer on the page"}.get(
            entry.resolution, entry.resolution.value
        )
        yield HistoryLine(
            at=entry.found_at,
            day=time_zones.to_local_date(entry.found_at, zone),
            kind=HistoryKind.QUARANTINED,
            version=version_by_family[entry.family],
            families=(entry.family,),
            field=entry.field,
            before=entry.last_good,
            after=entry.printed,
            by=_format_reviewer(entry) if entry.resolution in {Resolution.ACCEPTED, Resolution.REJECTED} else "",
            text=f"{entry.reason}; {resolution}" if resolution else entry.reason,
        )


def _format_reviewer(entry: QuarantineEntry) -> str:
    is_from_slack = bool(entry.resolver_workspace_id)
    return f"{entry.resolver_workspace_id}/{entry.resolved_by} in Slack" if is_from_slack else entry.resolved_by


def list_override_lines(overrides: Iterable[Override], zone: str) -> Iterator[HistoryLine]:
    """Yield a line for the start of each override, and one for its end if it has ended."""
    for override in overrides:
        families = (override.family,) if override.family else ()
        day = time_zones.to_local_date(override.set_at, zone)
        line = HistoryLine(
            at=override.set_at,
            day=day,
            kind=HistoryKind.OVERRIDE_SET,
            version=override.version,
            families=families,
            is_whole_version=not families,
            field=override.milestone.value,
            after=override.day.isoformat(),
            notice_days=(override.day - day).days,
            by=override.set_by,
            text=override.reason,
        )
        yield line
        if override.ended_at is not None:
            ended_on = time_zones.to_local_date(override.ended_at, zone)
            line = replace(line, at=override.ended_at, day=ended_on, kind=HistoryKind.OVERRIDE_ENDED)
            yield replace(line, notice_days=None, text=override.end_reason)


def list_note_lines(notes: Iterable[ReleaseNote], version: str) -> Iterator[HistoryLine]:
    """Yield a line for each release note, dated midnight UTC of its day."""
    for note in notes:
        text = " ".join(note.text.split())
        if len(text) > MAX_NOTE_LENGTH:
            text = f"{text[: MAX_NOTE_LENGTH - 1].rstrip()}…"
        at = datetime.combine(note.day, time(), UTC)
        yield HistoryLine(at, note.day, HistoryKind.RELEASE_NOTE, version, field=note.kind, text=text, url=note.url)


def merge_lines(lines: Iterable[HistoryLine], family_counts: Mapping[str, int]) -> tuple[HistoryLine, ...]:
    """Return the lines oldest first, with equal lines of several families merged into one.

    `family_counts` holds the number of families of each version.
    """
    families_by_line: dict[HistoryLine, list[str]] = {}
    for line in lines:
        families_by_line.setdefault(replace(line, families=()), []).extend(line.families)
    merged = (
        replace(
            line,
            families=tuple(families),
            is_whole_version=not families or len(families) >= family_counts.get(line.version, 0),
        )
        for line, families in families_by_line.items()
    )
    return tuple(sorted(merged, key=lambda line: line.at))
