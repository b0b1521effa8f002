"""What is stored of a version's past, as lines of its story; what happened to several image families at once is one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time

from msgspec.structs import replace

from bot.answers import HistoryKind, HistoryLine
from bot.policy import time_zones
from storage import catalogue_history
from storage.facts import WHOLE_PAGE, HistoricalValue, Milestone, Override, QuarantineEntry, ReleaseNote, Resolution

MAX_NOTE_LENGTH = 200
"""Characters of a note's words."""

_DATES = frozenset(milestone.value for milestone in Milestone)


def list_value_lines(values: Iterable[HistoricalValue], zone: str) -> Iterator[HistoryLine]:
    """What the page said, oldest first."""
    before: dict[tuple[str, str], HistoricalValue] = {}
    for value in values:
        was = before.get((value.family, value.field))
        before[value.family, value.field] = value
        what = _classify_row(value, was) if value.field == catalogue_history.ROW else _classify_cell(value, was)
        if what is not None:
            day = time_zones.to_local_date(value.first_seen, zone)
            yield HistoryLine(
                at=value.first_seen,
                day=day,
                kind=what,
                version=value.version,
                families=(value.family,),
                field="" if value.field == catalogue_history.ROW else value.field,
                before=was.printed if was is not None and value.field != catalogue_history.ROW else "",
                after="" if value.field == catalogue_history.ROW else value.printed,
                notice_days=_count_notice_days(day, value),
            )


def _classify_row(value: HistoricalValue, previous: HistoricalValue | None) -> HistoryKind:
    if value.value == catalogue_history.VANISHED:
        return HistoryKind.VANISHED
    return HistoryKind.FIRST_SEEN if previous is None else HistoryKind.RETURNED


def _classify_cell(value: HistoricalValue, previous: HistoricalValue | None) -> HistoryKind | None:
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
    is_day = value.field in _DATES and value.value
    return (date.fromisoformat(value.value) - day).days if is_day else None


def list_quarantine_lines(
    entries: Iterable[QuarantineEntry], version_by_family: Mapping[str, str], zone: str
) -> Iterator[HistoryLine]:
    """What was held back of the page, for families whose version is named; a whole page is of none."""
    for one in entries:
        if one.field == WHOLE_PAGE or one.family not in version_by_family:
            continue
        settled = {Resolution.OPEN: "", Resolution.GONE: "the page no longer says it"}.get(
            one.resolution, one.resolution.value
        )
        yield HistoryLine(
            at=one.found_at,
            day=time_zones.to_local_date(one.found_at, zone),
            kind=HistoryKind.QUARANTINED,
            version=version_by_family[one.family],
            families=(one.family,),
            field=one.field,
            before=one.last_good,
            after=one.printed,
            by=one.resolved_by if one.resolution in {Resolution.ACCEPTED, Resolution.REJECTED} else "",
            text=f"{one.reason}; {settled}" if settled else one.reason,
        )


def list_override_lines(overrides: Iterable[Override], zone: str) -> Iterator[HistoryLine]:
    """What was set by hand, and what ended that."""
    for one in overrides:
        families = (one.family,) if one.family else ()
        day = time_zones.to_local_date(one.set_at, zone)
        line = HistoryLine(
            at=one.set_at,
            day=day,
            kind=HistoryKind.OVERRIDE_SET,
            version=one.version,
            families=families,
            is_whole_version=not families,
            field=one.milestone.value,
            after=one.day.isoformat(),
            notice_days=(one.day - day).days,
            by=one.set_by,
            text=one.reason,
        )
        yield line
        if one.ended_at is not None:
            ended = time_zones.to_local_date(one.ended_at, zone)
            yield replace(
                line, at=one.ended_at, day=ended, kind=HistoryKind.OVERRIDE_ENDED, notice_days=None, text=one.end_reason
            )


def list_note_lines(notes: Iterable[ReleaseNote], version: str) -> Iterator[HistoryLine]:
    """What the release notes said."""
    for note in notes:
        words = " ".join(note.text.split())
        cut = words if len(words) <= MAX_NOTE_LENGTH else f"{words[: MAX_NOTE_LENGTH - 1].rstrip()}…"
        at = datetime.combine(note.day, time(), UTC)
        yield HistoryLine(at, note.day, HistoryKind.RELEASE_NOTE, version, field=note.kind, text=cut, url=note.url)


def merge_lines(lines: Iterable[HistoryLine], family_counts: Mapping[str, int]) -> tuple[HistoryLine, ...]:
    """Oldest first, the families of one thing together; counts says how many each version has."""
    together: dict[HistoryLine, list[str]] = {}
    for line in lines:
        together.setdefault(replace(line, families=()), []).extend(line.families)
    found = (
        replace(
            line,
            families=tuple(families),
            is_whole_version=not families or len(families) >= family_counts.get(line.version, 0),
        )
        for line, families in together.items()
    )
    return tuple(sorted(found, key=lambda line: line.at))
