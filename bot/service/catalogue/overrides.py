"""Overrides of page dates: set, ended and expired. Each change of an effective date is announced."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.policy.changes import Event, find_events
from bot.policy.durations import format_date
from bot.policy.overrides import apply_overrides, format_page_dates, list_affected_rows
from bot.service.catalogue import events, override_input
from bot.service.catalogue.date_changes import DateChangeRecorder
from bot.service.catalogue.override_input import InvalidOverrideError, OverrideRequest
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, overrides, sources
from storage.database import Database
from storage.facts import DateChange, DateFilledIn, Milestone, Override, Schedule

REPLACED = "replaced by a new override"


class OverrideResult(Struct, frozen=True):
    """Overrides that were set or ended, and the effective dates this changed."""

    overrides: tuple[Override, ...]
    changes: tuple[DateChange, ...] = ()
    filled_in: tuple[DateFilledIn, ...] = ()
    """Dates that were unknown before."""


class Overrides:
    """Set, end and expire overrides."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._planner = Planner(database, snapshots)
        self._date_changes = DateChangeRecorder(default)

    def set(self, request: OverrideRequest, now: datetime) -> OverrideResult:
        """Set the requested dates. Raise InvalidOverrideError, and change nothing, if one is invalid."""
        with self._database.read_only() as session:
            self._build_overrides(session, request, now)
        self._planner.plan(now)

        def work(session: Session) -> OverrideResult:
            sources.lock(session)
            requested = self._build_overrides(session, request, now)
            before = overrides.list_active(session)
            is_same = override_input.is_same_target
            replaced = [old.override_id for old in before if any(is_same(old, new) for new in requested)]
            overrides.end(session, replaced, now, REPLACED)
            added = tuple(overrides.add(session, override) for override in requested)
            return self._record_changes(session, before, added, now, override_input.format_set_remark(added[0]))

        return self._database.run(work)

    def end(
        self, version: str, milestones: Sequence[Milestone], ended_by: str, now: datetime, *, family: str = ""
    ) -> OverrideResult:
        """End the version's overrides, optionally only those of some milestones or one image family.

        Raise InvalidOverrideError if none matches.
        """
        with self._database.read_only() as session:
            self._find_active(session, version, milestones, family)
        self._planner.plan(now)

        def work(session: Session) -> OverrideResult:
            sources.lock(session)
            active = self._find_active(session, version, milestones, family)
            remark = override_input.format_end_remark(active, ended_by)
            return self._end_overrides(session, active, now, f"removed by {ended_by}", remark)

        return self._database.run(work)

    def expire(self, now: datetime) -> int:
        """End the overrides whose last day (UTC) has passed. Return the number ended by this process."""
        with self._database.read_only() as session:
            expired = overrides.list_expired(session, now.date())
        if not expired:
            return 0
        self._planner.plan(now)
        return sum(self._database.run(partial(self._end_expired, override=override, now=now)) for override in expired)

    def _end_expired(self, session: Session, override: Override, now: datetime) -> int:
        sources.lock(session)
        reason = f"expired on {format_date(override.until)}" if override.until else "expired"
        remark = override_input.format_expiry_remark(override)
        return len(self._end_overrides(session, (override,), now, reason, remark).overrides)

    def _end_overrides(
        self, session: Session, active: Iterable[Override], now: datetime, reason: str, remark: str
    ) -> OverrideResult:
        """End those overrides that no other process has ended, and record the changes."""
        ended = overrides.end(session, [override.override_id for override in active], now, reason)
        if not ended:
            return OverrideResult(())
        before = sorted((*overrides.list_active(session), *ended), key=lambda override: override.override_id)
        return self._record_changes(session, before, ended, now, remark)

    def _record_changes(
        self, session: Session, before: Sequence[Override], changed: tuple[Override, ...], now: datetime, remark: str
    ) -> OverrideResult:
        """Record and announce the effective dates that differ from those under the overrides before."""
        rows, active = catalogue.list_all(session), overrides.list_active(session)
        last_reading = catalogue.find_last_reading(session)
        source_url = last_reading.source_url if last_reading is not None else ""
        old, new = apply_overrides(rows, before), apply_overrides(rows, active)
        date_changes = self._date_changes.record(session, old, new, now, source_url, remark)
        for override in active:
            if override.version == changed[0].version:
                page_dates = format_page_dates(list_affected_rows(override, rows, active), override.milestone)
                overrides.mark_announced(session, override.override_id, page_dates)
        filled_in = _announce_filled_in(session, find_events(old, new), source_url, now, remark)
        stored = overrides.list_by_ids(session, [override.override_id for override in changed])
        return OverrideResult(stored, date_changes, filled_in)

    def _build_overrides(self, session: Session, request: OverrideRequest, now: datetime) -> tuple[Override, ...]:
        version = override_input.resolve_version(request.version, self._snapshots.read(session))
        rows = [row for row in catalogue.list_all(session) if row.version == version]
        return override_input.build_overrides(request, version, rows, overrides.list_active(session), now)

    def _find_active(
        self, session: Session, text: str, milestones: Sequence[Milestone], family: str
    ) -> tuple[Override, ...]:
        version = override_input.resolve_version(text, self._snapshots.read(session))
        active = [override for override in overrides.list_active(session) if override.version == version]
        wanted = milestones or tuple(Milestone)
        matches = tuple(o for o in active if o.milestone in wanted and family in {"", o.family})
        if not matches:
            raise InvalidOverrideError(*override_input.explain_nothing_to_end(version, milestones, family, active))
        return matches


def _announce_filled_in(
    session: Session, changes: Iterable[Event], source_url: str, now: datetime, remark: str
) -> tuple[DateFilledIn, ...]:
    """Announce dates that were unknown before. They are events, because no date has moved."""
    filled_in = tuple(replace(change, remark=remark) for change in changes if isinstance(change, DateFilledIn))
    for change in filled_in:
        events.announce(session, change, source_url, now)
    return filled_in
