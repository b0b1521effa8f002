"""Ingestion of a validated reading: rows are saved, changes recorded and announced."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time

from sqlmodel import Session

from bot.policy.changes import find_events
from bot.policy.overrides import apply_overrides
from bot.service.catalogue import events, override_conflicts
from bot.service.catalogue.date_changes import DateChangeRecorder
from bot.service.catalogue.override_conflicts import ConflictNotifier
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, catalogue_history, overrides, sources
from storage.database import Database
from storage.facts import CatalogueEdition, DateChange, ImageFamily, Schedule

NOON = time(12)
"""UTC time given to a value known only by its day. It falls on that day in nearly every time zone."""


class CatalogueIngest:
    """Apply validated readings to the catalogue."""

    def __init__(
        self,
        database: Database,
        snapshots: SnapshotCache,
        default: Schedule,
        notify: ConflictNotifier = override_conflicts.notify_nobody,
    ) -> None:
        """`notify` is called if the page contradicts an override."""
        self._database = database
        self._date_changes = DateChangeRecorder(default)
        self._planner = Planner(database, snapshots)
        self._notify = notify

    def apply(
        self,
        families: Sequence[ImageFamily],
        reading: CatalogueEdition,
        now: datetime,
        *,
        vanished: Sequence[str] = (),
        extra_writes: Callable[[Session], object] = lambda _: None,
    ) -> tuple[DateChange, ...]:
        """Save the rows, mark the vanished families, and announce what changed. Return the dates that moved.

        Reminders due by the old dates are planned first. `extra_writes` runs in the same transaction. A product's first
        reading announces nothing, and its values count from the day of the reading.
        """
        with self._database.read_only() as session:
            is_first = catalogue.find_last_reading(session, reading.product) is None
        if not is_first:
            self._planner.plan(now)

        def save(session: Session) -> tuple[DateChange, ...]:
            changes = self._save(session, families, reading, now, vanished)
            extra_writes(session)
            return changes

        return self._database.run(save)

    def _save(
        self,
        session: Session,
        families: Sequence[ImageFamily],
        reading: CatalogueEdition,
        now: datetime,
        vanished: Sequence[str],
    ) -> tuple[DateChange, ...]:
        product = reading.product
        sources.lock(session, product)
        before, last_reading = catalogue.list_all(session, product), catalogue.find_last_reading(session, product)
        vanished_before = catalogue.list_vanished(session, product)
        last_seen = sources.find(session, product).last_good_at or (last_reading.read_at if last_reading else now)
        first_seen = now if last_reading else min(now, datetime.combine(reading.as_of, NOON, UTC))
        newly_vanished = [row for row in before if row.family in vanished]
        catalogue_history.record_values(session, families, first_seen, last_seen=last_seen, vanished=newly_vanished)
        catalogue.save(session, families, reading)
        catalogue.mark_vanished(session, vanished, now, product)
        returned = [row.family for row in families if row.family in vanished_before]
        active = overrides.list_active(session, product)
        saved = catalogue.list_all(session, product)
        override_conflicts.reconcile(session, saved, active, now, reading.source_url, self._notify)
        old, new = apply_overrides(before, active), apply_overrides(families, active)
        if last_reading is not None:
            events.record(session, find_events(old, new, vanished=vanished, returned=returned), reading.source_url, now)
        return self._date_changes.record(session, old, new, now, reading.source_url)
