"""What a channel is told of a page that changes: read twice an hour apart, then delivered on a working day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.answers import NewsLine
from bot.catalogue.page.rows import PrintedRow, key_of
from bot.catalogue.validation.confirmation import Fate
from bot.service.catalogue.ingest import Refresh
from bot.service.operator import review
from bot.service.versions.snapshot import KnownVersions
from bot.slack.blocks.reminders.message import reminder as drawn
from storage import catalogue, outbox, quarantine
from storage.facts import DLVM, CatalogueReading, EventKind, ImageFamily, Kind, Reminder, Settled
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_29
from tests.service.driver import PLACE, Desk, at
from tests.service.page_fixture import HOUR, Page

NOW = at("2026-04-15 10:00")
"""A Wednesday: nothing that is bundled is due that day, and the channel's hour has struck."""


def printed(family: str) -> PrintedRow:
    """The bundled row of a family."""
    return next(row for row in page_factories.SEED if key_of(row.image_family) == family)


TORCH_210 = replace(
    printed(TORCH_29),
    label="2.10 (Python 3.12 / Ubuntu 24.04)",
    patch_version="2.10.0",
    end_of_patch="March 1, 2029",
    end_of_availability="March 1, 2030",
    image_family="pytorch-2-10-cu129-ubuntu-2404-nvidia-580-VERSION_DATE",
)


def with_rows(*new: PrintedRow, rows: Iterable[PrintedRow] = page_factories.SEED) -> list[PrintedRow]:
    """The rows, with new ones at the end of their section."""
    found = list(rows)
    for row in new:
        last = max(number for number, each in enumerate(found) if each.section == row.section)
        found.insert(last + 1, row)
    return found


@dataclass
class Told:
    """A desk whose channel watches something, and the page it is told of."""

    desk: Desk
    page: Page

    def read_twice(self, rows: Iterable[PrintedRow], now: datetime = NOW) -> None:
        """The page says something else, and still says it an hour later."""
        self.page.rows = list(rows)
        assert self.page.fate(now, by_hand=True) is Fate.WAITS
        assert self.page.fate(now + HOUR, by_hand=True) is Fate.TAKEN

    def accept_all(self, now: datetime) -> None:
        """Somebody lets everything enter that is held."""
        self.settle_all(Settled.ACCEPTED, now)

    def settle_all(self, settled: Settled, now: datetime) -> None:
        """Somebody says the same of everything that is held."""
        with self.desk.database.reading() as session:
            waiting = quarantine.open_ones(session)
        for one in waiting:
            review.answer(self.desk.database, one.finding_id, settled, "Ada", now)

    def tick(self, now: datetime) -> str:
        """The text of what is posted at a moment; empty where nothing is."""
        before = len(self.desk.sender.accepted)
        self.desk.delivery().tick(now)
        return "\n".join(str(drawn(message)["text"]) for message in self.desk.sender.accepted[before:])

    def texts_of(self, rows: Iterable[PrintedRow], now: datetime = NOW) -> str:
        """What is posted of a change; it is told once, however often the page is read and the bot ticks."""
        self.read_twice(rows, now)
        text = self.tick(now + HOUR + timedelta(minutes=1))
        assert self.page.fate(now + 8 * HOUR) is Fate.NOTHING_NEW
        assert self.tick(now + 9 * HOUR) == ""
        assert self.tick(now + timedelta(days=1)) == ""
        return text

    def news(self) -> list[NewsLine]:
        """Every piece of news that was posted."""
        return [line for message in self.desk.sender.accepted for line in message.news]

    def kinds(self) -> list[EventKind]:
        """What kind each is of."""
        return [line.kind for line in self.news()]

    def waiting(self) -> list[Reminder]:
        """The news of the channel that were written, sent or not."""
        with self.desk.database.reading() as session:
            found = outbox.entries(session, PLACE.workspace_id, PLACE.channel_id)
        return [entry.reminder for entry in found if entry.reminder.kind is Kind.NEWS]


def told(desk: Desk, targets: str = "all", now: datetime = NOW) -> Told:
    """A channel that watches the targets."""
    desk.say(f"subscribe {targets}", now - HOUR)
    return Told(desk, Page(desk))


def entered(
    desk: Desk,
    now: datetime,
    changes: Mapping[str, Mapping[str, object]] | None = None,
    *,
    gone: Sequence[str] = (),
    new: Sequence[ImageFamily] = (),
) -> None:
    """A reading enters as it is, without a page: some cells are other ones, some rows are gone, some are new."""
    with desk.database.reading() as session:
        known, last = catalogue.all(session, DLVM), catalogue.last_reading(session, DLVM)
        absent = catalogue.gone(session, DLVM)
    assert last is not None
    cells = changes or {}
    listed = [row for row in known if row.family not in gone and (row.family not in absent or row.family in cells)]
    rows = [replace(row, **cells.get(row.family, {})) for row in listed]
    reading = CatalogueReading(DLVM, last.source_url, last.as_of, now, len(rows))
    Refresh(desk.database, KnownVersions(), desk.default).take([*rows, *new], reading, now, gone=gone)
