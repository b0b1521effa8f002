"""Readings with other dates, overrides, and what they change, for the tests of effective dates."""

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot import answers
from bot.answers import ReminderMessage
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.override_input import OverrideRequest
from bot.service.catalogue.overrides import OverrideResult, Overrides
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, outbox
from storage.facts import DLVM, CatalogueEdition, DateChange, MessageKind, Milestone, OverrideConflict, PrintedDate
from tests.service.driver import Driver, utc
from tests.storage.factories import list_events

VERSION = "pytorch-2.7"
PATCH, AVAILABILITY = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY
PAGE_DATE, OVERRIDE_DATE = date(2027, 4, 13), date(2027, 6, 30)
"""End of availability of PyTorch 2.7 on the page, and as `set_override` sets it."""


def build_overrides(driver: Driver) -> Overrides:
    return Overrides(driver.database, SnapshotCache(), driver.default)


def set_override(
    driver: Driver,
    now: datetime,
    days: dict[Milestone, date] | None = None,
    *,
    version: str = VERSION,
    reason: str = "the Compute API says so",
    set_by: str = "Ada",
    until: date | None = None,
    family: str = "",
) -> OverrideResult:
    request = OverrideRequest(version, days or {AVAILABILITY: OVERRIDE_DATE}, reason, set_by, until, family)
    return build_overrides(driver).set(request, now)


def ingest_dates(driver: Driver, now: datetime, **dates: date | None) -> tuple[DateChange, ...]:
    """Ingest a reading with other dates for PyTorch 2.7. Return the dates that moved."""
    with driver.database.read_only() as session:
        rows, last_reading = catalogue.list_all(session, DLVM), catalogue.find_last_reading(session, DLVM)
    assert last_reading is not None
    cells = {name: PrintedDate(str(day) if day else "To be determined", day) for name, day in dates.items()}
    changed = [replace(row, **cells) if row.version == VERSION else row for row in rows]
    reading = CatalogueEdition(DLVM, last_reading.source_url, now.date(), now, len(rows))
    return CatalogueIngest(driver.database, SnapshotCache(), driver.default).apply(changed, reading, now)


def tick_daily(driver: Driver, first: str, last: str) -> list[ReminderMessage]:
    """Expire overrides and tick every morning. Return the messages that were sent."""
    before, loop, moment = len(driver.sender.accepted), driver.build_loop(), utc(f"{first} 09:00")
    while moment <= utc(f"{last} 09:00"):
        build_overrides(driver).expire(moment)
        loop.tick(moment)
        loop.tick(moment + timedelta(seconds=3))
        moment += timedelta(days=1)
    return driver.sender.accepted[before:]


def list_rungs(messages: list[ReminderMessage]) -> list[tuple[str, int]]:
    return [(str(line.milestone_date), line.rung) for message in messages for line in message.lines]


def list_effective_dates(driver: Driver, milestone: Milestone = AVAILABILITY) -> set[date | None]:
    with driver.database.read_only() as session:
        version = SnapshotCache().read(session).find(VERSION)
    assert version is not None
    return {row.get_date(milestone).day for row in version.families}


def list_conflicts(driver: Driver) -> list[tuple[str, int]]:
    """Return the page's date of each override conflict, and the number of channels it was announced to."""
    with driver.database.read_only() as session:
        events = list_events(session, VERSION)
        event_ids = [
            entry.reminder.subject_id
            for entry in outbox.list_for_channel(session, "T1", "C1")
            if entry.reminder.kind is MessageKind.EVENT
        ]
    return [
        (event.change.page_dates, event_ids.count(event.event_id))
        for event in events
        if isinstance(event.change, OverrideConflict)
    ]


def show_status(driver: Driver, now: str) -> answers.Status:
    answer = driver.run(f"status {VERSION}", utc(now))
    assert isinstance(answer, answers.Status)
    return answer
