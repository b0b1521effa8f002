"""A new reading of the table taken in: rows saved, what it brought about recorded, told, and messages corrected."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time

from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import overrides as overriding
from bot.service.catalogue import events, override_conflicts
from bot.service.catalogue.date_changes import DateChangeRecorder
from bot.service.catalogue.override_conflicts import ConflictNotifier
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, catalogue_history, overrides, sources
from storage.database import Database
from storage.facts import CatalogueReading, DateChange, ImageFamily, Schedule

NOON = time(12)
"""The moment in UTC for what is known by the day alone: that day in nearly every zone."""


class CatalogueIngest:
    """Takes readings of the table into the catalogue; what may enter was decided before, by the gates."""

    def __init__(
        self,
        database: Database,
        snapshots: SnapshotCache,
        default: Schedule,
        notify: ConflictNotifier = override_conflicts.notify_nobody,
    ) -> None:
        """The witness hears of a page that says another date than the one set by hand."""
        self._database = database
        self._date_changes = DateChangeRecorder(default)
        self._planning = Planner(database, snapshots)
        self._notify = notify

    def apply(
        self,
        families: Sequence[ImageFamily],
        reading: CatalogueReading,
        now: datetime,
        *,
        vanished: Sequence[str] = (),
        extra_writes: Callable[[Session], object] = lambda _: None,
    ) -> tuple[DateChange, ...]:
        """Saves the rows, and gives the changes of dates they brought; whatever happened is told where it is watched.

        What is due by the old dates is planned first, so that the new ones begin where the old ones end. Gone names
        the families that have vanished; what else belongs to the reading is done in the same transaction. A product's
        first reading brings about nothing: nothing was known before, and its values held on the day it is as of.
        """
        with self._database.read_only() as session:
            is_first = catalogue.find_last_reading(session, reading.product) is None
        if not is_first:
            self._planning.plan(now)

        def save(session: Session) -> tuple[DateChange, ...]:
            found = self._save(session, families, reading, now, vanished)
            extra_writes(session)
            return found

        return self._database.run(save)

    def _save(
        self,
        session: Session,
        families: Sequence[ImageFamily],
        reading: CatalogueReading,
        now: datetime,
        vanished: Sequence[str],
    ) -> tuple[DateChange, ...]:
        sources.lock(session, reading.product)
        before, last = (
            catalogue.list_all(session, reading.product),
            catalogue.find_last_reading(session, reading.product),
        )
        seen = sources.find(session, reading.product).last_good_at or (last.read_at if last else now)
        known_at = now if last else min(now, datetime.combine(reading.as_of, NOON, UTC))
        catalogue_history.record_values(
            session, families, known_at, last_seen=seen, vanished=[row for row in before if row.family in vanished]
        )
        absent = catalogue.list_vanished(session, reading.product)
        catalogue.save(session, families, reading)
        catalogue.mark_vanished(session, vanished, now, reading.product)
        back = [row.family for row in families if row.family in absent]
        printed, by_hand = catalogue.list_all(session, reading.product), overrides.list_active(session, reading.product)
        override_conflicts.reconcile(session, printed, by_hand, now, reading.source_url, self._notify)
        held, hold = overriding.apply_overrides(before, by_hand), overriding.apply_overrides(families, by_hand)
        if last is not None:
            events.record(session, moving.find_events(held, hold, vanished=vanished, returned=back), reading, now)
        return self._date_changes.record(session, held, hold, now, reading.source_url)
