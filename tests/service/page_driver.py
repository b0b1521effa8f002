"""A driver for a page that changes: it is read twice an hour apart, and messages are delivered on a working day."""

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
from bot.slack.blocks.reminders.message import render_reminder
from storage import catalogue, outbox, quarantine
from storage.facts import DLVM, CatalogueChange, CatalogueEdition, ImageFamily, MessageKind, Reminder, Resolution
from tests.catalogue import page_factories
from tests.catalogue.validation_factories import TORCH_29
from tests.service.driver import PLACE, Driver, utc
from tests.service.page_fixture import HOUR, FakePage

NOW = utc("2026-04-15 10:00")
"""A Wednesday after the channel's hour, on which nothing of the bundled catalogue is due."""


def find_printed_row(family: str) -> PrintedRow:
    """Return the bundled row of a family."""
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
    """Return the rows with new ones at the end of their section."""
    all_rows = list(rows)
    for row in new:
        last = max(index for index, other in enumerate(all_rows) if other.section == row.section)
        all_rows.insert(last + 1, row)
    return all_rows


@dataclass
class PageDriver:
    """A channel with subscriptions, and the page that changes."""

    driver: Driver
    page: FakePage

    def confirm_rows(self, rows: Iterable[PrintedRow], now: datetime = NOW) -> None:
        """Change the page's rows, and read them twice so that they are confirmed."""
        self.page.rows = list(rows)
        assert self.page.read(now, manual=True) is ReadingOutcome.UNCONFIRMED
        assert self.page.read(now + HOUR, manual=True) is ReadingOutcome.CONFIRMED

    def accept_all(self, now: datetime) -> None:
        """Accept every open quarantine entry."""
        self.resolve_all(Resolution.ACCEPTED, now)

    def resolve_all(self, resolution: Resolution, now: datetime) -> None:
        """Resolve every open quarantine entry."""
        with self.driver.database.read_only() as session:
            entries = quarantine.list_open(session)
        for entry in entries:
            review.resolve_entry(self.driver.database, entry.entry_id, resolution, "Ada", now)

    def deliver(self, now: datetime) -> str:
        """Tick once. Return the text of the posted messages; empty if there are none."""
        accepted_before = len(self.driver.sender.accepted)
        self.driver.build_loop().tick(now)
        new_messages = self.driver.sender.accepted[accepted_before:]
        return "\n".join(str(render_reminder(message)["text"]) for message in new_messages)

    def deliver_rows(self, rows: Iterable[PrintedRow], now: datetime = NOW) -> str:
        """Return the text posted about changed rows, and check that later readings and ticks post nothing more."""
        self.confirm_rows(rows, now)
        text = self.deliver(now + HOUR + timedelta(minutes=1))
        assert self.page.read(now + 8 * HOUR) is ReadingOutcome.UNCHANGED
        assert self.deliver(now + 9 * HOUR) == ""
        assert self.deliver(now + timedelta(days=1)) == ""
        return text

    def list_events(self) -> list[EventLine]:
        """Return every event line that was posted."""
        return [line for message in self.driver.sender.accepted for line in message.events]

    def list_event_kinds(self) -> list[type[CatalogueChange]]:
        """Return the kind of every event line that was posted."""
        return [type(line.change) for line in self.list_events()]

    def list_event_reminders(self) -> list[Reminder]:
        """Return the channel's event reminders in the outbox, sent or not."""
        with self.driver.database.read_only() as session:
            entries = outbox.list_for_channel(session, PLACE.workspace_id, PLACE.channel_id)
        return [entry.reminder for entry in entries if entry.reminder.kind is MessageKind.EVENT]


def open_page_driver(driver: Driver, targets: str = "all", now: datetime = NOW) -> PageDriver:
    """Subscribe the channel to the targets, an hour before `now`."""
    driver.run(f"subscribe {targets}", now - HOUR)
    return PageDriver(driver, FakePage(driver))


def ingest_rows(
    driver: Driver,
    now: datetime,
    changes: Mapping[str, Mapping[str, object]] | None = None,
    *,
    gone: Sequence[str] = (),
    new: Sequence[ImageFamily] = (),
) -> None:
    """Ingest the stored rows with changes, without a page: changed cells by family, removed families, new rows."""
    with driver.database.read_only() as session:
        stored_rows, last = catalogue.list_all(session, DLVM), catalogue.find_last_reading(session, DLVM)
        vanished = catalogue.list_vanished(session, DLVM)
    assert last is not None
    cells = changes or {}
    listed = [
        row for row in stored_rows if row.family not in gone and (row.family not in vanished or row.family in cells)
    ]
    rows = [replace(row, **cells.get(row.family, {})) for row in listed]
    reading = CatalogueEdition(DLVM, last.source_url, last.as_of, now, len(rows))
    CatalogueIngest(driver.database, SnapshotCache(), driver.default).apply([*rows, *new], reading, now, vanished=gone)
