"""A new reading of the table taken in: rows saved, moved dates recorded, told, and messages sent earlier corrected."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import decisions as deciding
from bot.service.decisions import snooze_row
from bot.service.known import KnownVersions
from bot.service.place import Place, channel_at, days_off, today_at
from bot.service.planning import Planning
from storage import catalogue, changes, decisions, outbox, schedules, sources, values
from storage.database import Database
from storage.facts import CatalogueReading, DateChange, Decided, ImageFamily, Schedule


class Refresh:
    """Takes readings of the table into the catalogue; what may enter was decided before, by the gates."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._default = default
        self._planning = Planning(database, known)

    def take(
        self,
        families: Sequence[ImageFamily],
        reading: CatalogueReading,
        now: datetime,
        *,
        gone: Sequence[str] = (),
        also: Callable[[Session], object] = lambda _: None,
    ) -> tuple[DateChange, ...]:
        """Saves the rows, and gives the changes of dates they brought; each goes to the channels that watch it.

        What is due by the old dates is planned first, so that the new ones begin where the old ones end. Gone names
        the families that have vanished; what else belongs to the reading is done in the same transaction.
        """
        with self._database.reading() as session:
            is_first = catalogue.last_reading(session, reading.product) is None
        if not is_first:
            self._planning.plan(now)

        def save(session: Session) -> tuple[DateChange, ...]:
            found = self._save(session, families, reading, now, gone)
            also(session)
            return found

        return self._database.run(save)

    def _save(
        self,
        session: Session,
        families: Sequence[ImageFamily],
        reading: CatalogueReading,
        now: datetime,
        gone: Sequence[str],
    ) -> tuple[DateChange, ...]:
        before, last = catalogue.all(session, reading.product), catalogue.last_reading(session, reading.product)
        seen = sources.find(session, reading.product).good_at or (last.read_at if last else now)
        values.record(session, families, now, seen=seen, gone=[row for row in before if row.family in gone])
        catalogue.save(session, families, reading)
        catalogue.vanish(session, gone, now, reading.product)
        found = tuple(self._moved(session, move, reading, now) for move in moving.moves(before, families))
        schedules.touch_all(session, now)
        return found

    def _moved(self, session: Session, move: moving.Move, reading: CatalogueReading, now: datetime) -> DateChange:
        change = changes.add(
            session,
            DateChange(
                change_id=0,
                product=move.product,
                version=move.version,
                milestone=move.milestone,
                before=move.before,
                after=move.after,
                found_at=now,
                source_url=reading.source_url,
                families=move.families,
            ),
        )
        if move.everywhere:
            outbox.void(session, move.product, move.version, move.milestone, move.before)
            self._move_decisions(session, change, now)
        outbox.announce_move(session, change, now)
        return change

    def _move_decisions(self, session: Session, change: DateChange, now: datetime) -> None:
        """What people decided about the old date holds for a later one; otherwise it is void.

        A date that was withdrawn lets them rest: they hold again if it comes back.
        """
        if change.after is None:
            return
        for decision in decisions.about(session, change.product, change.version, change.milestone, change.before):
            channel = channel_at(session, Place(decision.workspace_id, decision.channel_id), self._default)
            today = today_at(channel, now)
            kept = deciding.after_move(decision, change.after, today, days_off(channel.schedule))
            decisions.end(session, decision, now, f"the date moved to {change.after}")
            if kept is not None:
                decisions.add(session, kept)
                if kept.decided is Decided.SNOOZED:
                    snooze_row(session, kept, channel)
