"""What is stored of a version's past, as lines of its story; what happened to several image families at once is one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time

from msgspec.structs import replace

from bot.answers import Happened, HistoryLine
from bot.policy import time_zones
from storage import catalogue_history
from storage.facts import PAGE, Finding, FormerValue, Milestone, Override, ReleaseNote, Settled

LONGEST_NOTE = 200
"""Characters of a note's words."""

_DATES = frozenset(milestone.value for milestone in Milestone)


def of_values(said: Iterable[FormerValue], zone: str) -> Iterator[HistoryLine]:
    """What the page said, oldest first."""
    before: dict[tuple[str, str], FormerValue] = {}
    for value in said:
        was = before.get((value.family, value.field))
        before[value.family, value.field] = value
        what = _listed(value, was) if value.field == catalogue_history.ROW else _of_cell(value, was)
        if what is not None:
            day = time_zones.day(value.first_seen, zone)
            yield HistoryLine(
                at=value.first_seen,
                on=day,
                what=what,
                version=value.version,
                families=(value.family,),
                field="" if value.field == catalogue_history.ROW else value.field,
                before=was.printed if was is not None and value.field != catalogue_history.ROW else "",
                after="" if value.field == catalogue_history.ROW else value.printed,
                notice=_notice(day, value),
            )


def _listed(value: FormerValue, was: FormerValue | None) -> Happened:
    if value.value == catalogue_history.VANISHED:
        return Happened.VANISHED
    return Happened.SEEN if was is None else Happened.RETURNED


def _of_cell(value: FormerValue, was: FormerValue | None) -> Happened | None:
    is_date = value.field in _DATES
    if was is None:
        return Happened.PRINTED if is_date else None
    if not is_date:
        return Happened.REPLACED
    if value.value == was.value:
        return Happened.REPRINTED
    if not was.value:
        return Happened.FILLED_IN
    return Happened.MOVED if value.value else Happened.WITHDRAWN


def _notice(day: date, value: FormerValue) -> int | None:
    is_day = value.field in _DATES and value.value
    return (date.fromisoformat(value.value) - day).days if is_day else None


def of_findings(found: Iterable[Finding], owner: Mapping[str, str], zone: str) -> Iterator[HistoryLine]:
    """What was held back of the page, for families whose version is named; a whole page is of none."""
    for one in found:
        if one.field == PAGE or one.family not in owner:
            continue
        settled = {Settled.OPEN: "", Settled.GONE: "the page no longer says it"}.get(one.settled, one.settled.value)
        yield HistoryLine(
            at=one.found_at,
            on=time_zones.day(one.found_at, zone),
            what=Happened.HELD,
            version=owner[one.family],
            families=(one.family,),
            field=one.field,
            before=one.last_good,
            after=one.printed,
            by=one.settled_by if one.settled in {Settled.ACCEPTED, Settled.REJECTED} else "",
            text=f"{one.reason}; {settled}" if settled else one.reason,
        )


def of_overrides(found: Iterable[Override], zone: str) -> Iterator[HistoryLine]:
    """What was set by hand, and what ended that."""
    for one in found:
        families = (one.family,) if one.family else ()
        day = time_zones.day(one.set_at, zone)
        line = HistoryLine(
            at=one.set_at,
            on=day,
            what=Happened.SET_BY_HAND,
            version=one.version,
            families=families,
            everywhere=not families,
            field=one.milestone.value,
            after=one.day.isoformat(),
            notice=(one.day - day).days,
            by=one.set_by,
            text=one.reason,
        )
        yield line
        if one.ended_at is not None:
            ended = time_zones.day(one.ended_at, zone)
            yield replace(line, at=one.ended_at, on=ended, what=Happened.ENDED_BY_HAND, notice=None, text=one.ended_why)


def of_notes(found: Iterable[ReleaseNote], version: str) -> Iterator[HistoryLine]:
    """What the release notes said."""
    for note in found:
        words = " ".join(note.text.split())
        cut = words if len(words) <= LONGEST_NOTE else f"{words[: LONGEST_NOTE - 1].rstrip()}…"
        at = datetime.combine(note.day, time(), UTC)
        yield HistoryLine(at, note.day, Happened.NOTED, version, field=note.kind, text=cut, url=note.url)


def in_order(lines: Iterable[HistoryLine], counts: Mapping[str, int]) -> tuple[HistoryLine, ...]:
    """Oldest first, the families of one thing together; counts says how many each version has."""
    together: dict[HistoryLine, list[str]] = {}
    for line in lines:
        together.setdefault(replace(line, families=()), []).extend(line.families)
    found = (
        replace(
            line,
            families=tuple(families),
            everywhere=not families or len(families) >= counts.get(line.version, 0),
        )
        for line, families in together.items()
    )
    return tuple(sorted(found, key=lambda line: line.at))
