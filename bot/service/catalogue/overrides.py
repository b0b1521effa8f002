"""Dates set by hand: a person's word wins until it is ended or over, and goes the way of every date that moves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import durations
from bot.policy import overrides as policy
from bot.service.catalogue import override_input
from bot.service.catalogue.date_changes import DateChangeRecorder
from bot.service.catalogue.override_input import InvalidOverrideError, OverrideRequest
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, catalogue_history, outbox, overrides, sources
from storage.database import Database
from storage.facts import (
    DLVM,
    CatalogueEvent,
    DateChange,
    EventKind,
    ImageFamily,
    Milestone,
    Override,
    Schedule,
)

REPLACED_REASON = "set anew"
ENDED_REASON = "ended by {who}"
EXPIRED_REASON = "its last day was {day}"


class OverrideResult(Struct, frozen=True):
    """What was set or ended by hand, and which dates are others by that."""

    overrides: tuple[Override, ...]
    changes: tuple[DateChange, ...] = ()
    filled_in: tuple[CatalogueEvent, ...] = ()


class Overrides:
    """Sets dates by hand, ends that, and ends what is over."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._planning = Planner(database, snapshots)
        self._date_changes = DateChangeRecorder(default)

    def set(self, request: OverrideRequest, now: datetime) -> OverrideResult:
        """Has the wished dates hold from now on; raises MistakenError where they do not fit, and changes nothing."""
        with self._database.read_only() as session:
            self._build_overrides(session, request, now)
        self._planning.plan(now)

        def work(session: Session) -> OverrideResult:
            sources.lock(session)
            made = self._build_overrides(session, request, now)
            before = overrides.list_active(session)
            replaced = [
                each.override_id for each in before if any(override_input.is_same_target(each, one) for one in made)
            ]
            overrides.end(session, replaced, now, REPLACED_REASON)
            added = tuple(overrides.add(session, one) for one in made)
            return self._record_changes(session, before, added, now, override_input.format_set_remark(added[0]))

        return self._database.run(work)

    def end(
        self, version: str, milestones: Sequence[Milestone], ended_by: str, now: datetime, *, family: str = ""
    ) -> OverrideResult:
        """Has the page's dates hold again: all of the version, or of the milestones and image family that are named."""
        with self._database.read_only() as session:
            self._find_active(session, version, milestones, family)
        self._planning.plan(now)

        def work(session: Session) -> OverrideResult:
            sources.lock(session)
            ending = self._find_active(session, version, milestones, family)
            return self._end_overrides(
                session,
                ending,
                now,
                ENDED_REASON.format(who=ended_by),
                override_input.format_end_remark(ending, ended_by),
            )

        return self._database.run(work)

    def expire(self, now: datetime) -> int:
        """Ends what is over, from the first moment after its last day in UTC; of several processes one does."""
        with self._database.read_only() as session:
            found = overrides.list_expired(session, now.date())
        if not found:
            return 0
        self._planning.plan(now)
        return sum(self._database.run(partial(self._end_expired, override=each, now=now)) for each in found)

    def _end_expired(self, session: Session, override: Override, now: datetime) -> int:
        sources.lock(session)
        why = EXPIRED_REASON.format(day=durations.format_date(override.until) if override.until else "long ago")
        return len(
            self._end_overrides(session, (override,), now, why, override_input.format_expiry_remark(override)).overrides
        )

    def _end_overrides(
        self, session: Session, ending: Iterable[Override], now: datetime, reason: str, remark: str
    ) -> OverrideResult:
        ended = overrides.end(session, [each.override_id for each in ending], now, reason)
        if not ended:
            return OverrideResult(())
        before = sorted((*overrides.list_active(session), *ended), key=lambda each: each.override_id)
        return self._record_changes(session, before, ended, now, remark)

    def _record_changes(
        self, session: Session, before: Sequence[Override], about: tuple[Override, ...], now: datetime, remark: str
    ) -> OverrideResult:
        """What follows from other words being in force than before."""
        rows, holding = catalogue.list_all(session), overrides.list_active(session)
        last = catalogue.find_last_reading(session)
        url = last.source_url if last is not None else ""
        held, hold = policy.apply_overrides(rows, before), policy.apply_overrides(rows, holding)
        changes = self._date_changes.record(session, held, hold, now, url, remark)
        for each in holding:
            if each.version == about[0].version:
                overrides.mark_announced(
                    session,
                    each.override_id,
                    policy.format_page_dates(policy.list_affected_rows(each, rows, holding), each.milestone),
                )
        told = _announce_filled_in(session, held, hold, now, url, about[0], remark)
        return OverrideResult(overrides.list_by_ids(session, [each.override_id for each in about]), changes, told)

    def _build_overrides(self, session: Session, request: OverrideRequest, now: datetime) -> tuple[Override, ...]:
        known = self._snapshots.read(session)
        name = override_input.resolve_version(request.version, known)
        rows = [row for row in catalogue.list_all(session) if row.version == name]
        return override_input.build_overrides(request, name, rows, overrides.list_active(session), now)

    def _find_active(
        self, session: Session, version: str, milestones: Sequence[Milestone], family: str
    ) -> tuple[Override, ...]:
        name = override_input.resolve_version(version, self._snapshots.read(session))
        held = [each for each in overrides.list_active(session) if each.version == name]
        found = [each for each in held if not milestones or each.milestone in milestones]
        found = [each for each in found if family in {"", each.family}]
        if not found:
            raise InvalidOverrideError(*override_input.explain_nothing_to_end(name, milestones, family, held))
        return tuple(found)


def _announce_filled_in(
    session: Session,
    before: Sequence[ImageFamily],
    after: Sequence[ImageFamily],
    now: datetime,
    url: str,
    override: Override,
    remark: str,
) -> tuple[CatalogueEvent, ...]:
    """A date where none was known is no move: those who watch the version hear that it is known now."""
    found = [event for event in moving.find_events(before, after) if isinstance(event, moving.DateFilledIn)]
    told = []
    for one in found:
        event = CatalogueEvent(
            event_id=0,
            product=DLVM,
            framework=one.version.partition("-")[0],
            version=one.version,
            kind=EventKind.FILLED_IN,
            found_at=now,
            source_url=url,
            families=one.families,
            milestone=one.milestone,
            day=one.day,
            details={"by": override.set_by, "reason": override.reason, "text": remark},
        )
        told.append(catalogue_history.add_event(session, event))
        outbox.announce_event(session, told[-1], now)
    return tuple(told)
