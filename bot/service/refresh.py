"""A new reading of the table taken in: rows saved, what it brought about recorded, told, and messages corrected."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes as moving
from bot.policy import overrides as overriding
from bot.service import contradictions, happenings
from bot.service.contradictions import Witness
from bot.service.known import KnownVersions
from bot.service.moves import Moves
from bot.service.planning import Planning
from storage import catalogue, overrides, sources, values
from storage.database import Database
from storage.facts import CatalogueReading, DateChange, ImageFamily, Schedule


class Refresh:
    """Takes readings of the table into the catalogue; what may enter was decided before, by the gates."""

    def __init__(
        self, database: Database, known: KnownVersions, default: Schedule, witness: Witness = contradictions.nobody
    ) -> None:
        """The witness hears of a page that says another date than the one set by hand."""
        self._database = database
        self._moves = Moves(default)
        self._planning = Planning(database, known)
        self._witness = witness

    def take(
        self,
        families: Sequence[ImageFamily],
        reading: CatalogueReading,
        now: datetime,
        *,
        gone: Sequence[str] = (),
        also: Callable[[Session], object] = lambda _: None,
    ) -> tuple[DateChange, ...]:
        """Saves the rows, and gives the changes of dates they brought; whatever happened is told where it is watched.

        What is due by the old dates is planned first, so that the new ones begin where the old ones end. Gone names
        the families that have vanished; what else belongs to the reading is done in the same transaction. A product's
        first reading brings about nothing: nothing was known before.
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
        sources.hold(session, reading.product)
        before, last = catalogue.all(session, reading.product), catalogue.last_reading(session, reading.product)
        seen = sources.find(session, reading.product).good_at or (last.read_at if last else now)
        values.record(session, families, now, seen=seen, gone=[row for row in before if row.family in gone])
        absent = catalogue.gone(session, reading.product)
        catalogue.save(session, families, reading)
        catalogue.vanish(session, gone, now, reading.product)
        back = [row.family for row in families if row.family in absent]
        printed, by_hand = catalogue.all(session, reading.product), overrides.in_force(session, reading.product)
        contradictions.meet(session, printed, by_hand, now, reading.source_url, self._witness)
        held, hold = overriding.effective(before, by_hand), overriding.effective(families, by_hand)
        if last is not None:
            happenings.tell(session, moving.events(held, hold, gone=gone, back=back), reading, now)
        return self._moves.tell(session, held, hold, now, reading.source_url)
