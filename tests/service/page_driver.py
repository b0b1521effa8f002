"""What a channel is told of a page that changes: read twice an hour apart, then delivered on a working day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.answers import EventLine
from bot.catalogue.page.rows import PrintedRow, normalize_family
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.operator import review
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder as drawn
from storage import catalogue, outbox, quarantine
from storage.facts import DLVM, CatalogueReading, EventKind, ImageFamily, MessageKind, Reminder, Resolution
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_29
from tests.service.driver import PLACE, Driver, utc
from tests.service.page_fixture import HOUR, FakePage

NOW = utc("2026-04-15 10:00")
"""A Wednesday: nothing that is bundled is due that day, and the channel's hour has struck."""


def find_printed_row(family: str) -> PrintedRow:
    """The bundled row of a family."""
    return next(row for row in page_factories.SEED if normalize_family(row.image_family) == family)


TORCH_210 = replace(
    find_printed_row(TORCH_29),
    label="2.10 (Python 3.12 / Ubuntu 24.04)",
    patch_version="2.10.0",
    end_of_patch="March 1, 2029",
    end_of_availability="March 1, 2030",
    image_family="pytorch-2-10-cu129-ubuntu-2404-nvidia-580-VERSION_DATE",
)


def add_rows(*new: PrintedRow, rows: Iterable[PrintedRow] = page_factories.SEED) -> list[PrintedRow]:
    """The rows, with new ones at the end of their section."""
    found = list(rows)
    for row in new:
        last = max(number for number, each in enumerate(found) if each.section == row.section)
        found.insert(last + 1, row)
    return found


@dataclass
class PageDriver:
    """A desk whose channel watches something, and the page it is told of."""

    desk: Driver
    page: FakePage

    def confirm_rows(self, rows: Iterable[PrintedRow], now: datetime = NOW) -> None:
        """The page says something else, and still says it an hour later."""
        self.page.rows = list(rows)
        assert self.page.read(now, manual=True) is ReadingOutcome.UNCONFIRMED
        assert self.page.read(now + HOUR, manual=True) is ReadingOutcome.CONFIRMED

    def accept_all(self, now: datetime) -> None:
        """Somebody lets everything enter that is held."""
        self.resolve_all(Resolution.ACCEPTED, now)

    def resolve_all(self, resolution: Resolution, now: datetime) -> None:
        """Somebody says the same of everything that is held."""
        with self.desk.database.read_only() as session:
            waiting = quarantine.list_open(session)
        for one in waiting:
            review.resolve_entry(self.desk.database, one.entry_id, resolution, "Ada", now)

    def deliver(self, now: datetime) -> str:
        """The text of what is posted at a moment; empty where nothing is."""
        before = len(self.desk.sender.accepted)
        self.desk.build_loop().tick(now)
        return "\n".join(str(drawn(message)["text"]) for message in self.desk.sender.accepted[before:])

    def deliver_rows(self, rows: Iterable[PrintedRow], now: datetime = NOW) -> str:
        """What is posted of a change; it is told once, however often the page is read and the bot ticks."""
        self.confirm_rows(rows, now)
        text = self.deliver(now + HOUR + timedelta(minutes=1))
        assert self.page.read(now + 8 * HOUR) is ReadingOutcome.UNCHANGED
        assert self.deliver(now + 9 * HOUR) == ""
        assert self.deliver(now + timedelta(days=1)) == ""
        return text

    def list_events(self) -> list[EventLine]:
        """Every piece of news that was posted."""
        return [line for message in self.desk.sender.accepted for line in message.events]

    def list_event_kinds(self) -> list[EventKind]:
        """What kind each is of."""
        return [line.kind for line in self.list_events()]

    def list_event_reminders(self) -> list[Reminder]:
        """The news of the channel that were written, sent or not."""
        with self.desk.database.read_only() as session:
            found = outbox.list_for_channel(session, PLACE.workspace_id, PLACE.channel_id)
        return [entry.reminder for entry in found if entry.reminder.kind is MessageKind.EVENT]


def open_page_driver(desk: Driver, targets: str = "all", now: datetime = NOW) -> PageDriver:
    """A channel that watches the targets."""
    desk.run(f"subscribe {targets}", now - HOUR)
    return PageDriver(desk, FakePage(desk))


def ingest_rows(
    desk: Driver,
    now: datetime,
    changes: Mapping[str, Mapping[str, object]] | None = None,
    *,
    gone: Sequence[str] = (),
    new: Sequence[ImageFamily] = (),
) -> None:
    """A reading enters as it is, without a page: some cells are other ones, some rows are gone, some are new."""
    with desk.database.read_only() as session:
        known, last = catalogue.list_all(session, DLVM), catalogue.find_last_reading(session, DLVM)
        absent = catalogue.list_vanished(session, DLVM)
    assert last is not None
    cells = changes or {}
    listed = [row for row in known if row.family not in gone and (row.family not in absent or row.family in cells)]
    rows = [replace(row, **cells.get(row.family, {})) for row in listed]
    reading = CatalogueReading(DLVM, last.source_url, last.as_of, now, len(rows))
    CatalogueIngest(desk.database, SnapshotCache(), desk.default).apply([*rows, *new], reading, now, vanished=gone)
