"""Overrides and readings of the page that agree with them, contradict them, or come at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from msgspec.structs import replace

from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, catalogue_history, overrides, quarantine
from storage.facts import DLVM, OverrideConflict, PrintedDate
from tests.catalogue.validation_factories import TORCH_27, replace_cells
from tests.service.catalogue.date_driver import (
    AVAILABILITY,
    OVERRIDE_DATE,
    PAGE_DATE,
    PATCH,
    VERSION,
    build_overrides,
    ingest_dates,
    list_conflicts,
    list_effective_dates,
    set_override,
    show_status,
    tick_daily,
)
from tests.service.driver import Driver, utc
from tests.service.page_fixture import HOUR, LATER_DATES, START, FakePage
from tests.storage.factories import list_events


def test_override_ends_quietly_once_the_page_agrees(driver: Driver) -> None:
    driver.run(f"subscribe {VERSION}", utc("2026-12-01 10:00"))
    set_override(driver, utc("2026-12-02 10:00"))
    tick_daily(driver, "2026-12-03", "2026-12-04")
    ingest_dates(driver, utc("2026-12-05 10:00"), end_of_availability=OVERRIDE_DATE)
    assert tick_daily(driver, "2026-12-06", "2026-12-08") == []
    with driver.database.read_only() as session:
        (override,) = overrides.list_all(session)
        assert override.end_reason == "Google’s page now agrees"
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 1
    assert list_effective_dates(driver) == {OVERRIDE_DATE}
    assert list_conflicts(driver) == []
    assert show_status(driver, "2026-12-08 10:00").overrides == ()


def test_each_conflicting_page_date_is_announced_once(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch", utc("2026-12-01 10:00"))
    notices: list[tuple[str, str]] = []
    set_override(sqlite_driver, utc("2026-12-02 10:00"))
    ingest = CatalogueIngest(
        sqlite_driver.database,
        SnapshotCache(),
        sqlite_driver.default,
        lambda _, key, sentence, __: notices.append((key, sentence)),
    )
    with sqlite_driver.database.read_only() as session:
        rows, last_reading = catalogue.list_all(session), catalogue.find_last_reading(session)
    assert last_reading is not None
    start = utc("2026-12-03 10:00")
    for number, day in enumerate((PAGE_DATE, date(2027, 5, 1), date(2027, 5, 1), None, None)):
        cell = PrintedDate(str(day or "TBD"), day)
        changed = [replace(row, end_of_availability=cell) if row.version == VERSION else row for row in rows]
        ingest.apply(changed, replace(last_reading, read_at=start), start + timedelta(hours=number))
    assert list_conflicts(sqlite_driver) == [("1 May 2027", 1), ("to be determined", 1)]
    with sqlite_driver.database.read_only() as session:
        first, second = (event.change for event in list_events(session, VERSION))
    assert isinstance(first, OverrideConflict)
    assert isinstance(second, OverrideConflict)
    assert (first.day, first.override) == (date(2027, 5, 1), "30 Jun 2027, by Ada")
    assert first.remark == "Reason for the override: the Compute API says so"
    assert second.remark.startswith("Google’s table now says: to be determined. Reason")
    sentences = [
        f"PyTorch 2.7: Google’s page now gives {page_date} as the last day these images can be used."
        " The override by Ada says 30 Jun 2027: the Compute API says so"
        for page_date in ("1 May 2027", "to be determined")
    ]
    assert notices == [("1:2027-05-01", sentences[0]), ("1:", sentences[1])]
    with sqlite_driver.database.read_only() as session:
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 1
    assert list_effective_dates(sqlite_driver) == {OVERRIDE_DATE}


def test_reading_is_validated_against_the_page_not_the_override(sqlite_driver: Driver) -> None:
    page = FakePage(sqlite_driver)
    set_override(sqlite_driver, START, {PATCH: date(2028, 6, 1), AVAILABILITY: date(2029, 6, 1)})
    assert page.read(START) is ReadingOutcome.UNCHANGED
    page.rows = replace_cells(LATER_DATES)
    assert page.read(START + HOUR, manual=True) is ReadingOutcome.UNCONFIRMED
    assert page.read(START + 2 * HOUR, manual=True) is ReadingOutcome.CONFIRMED
    with sqlite_driver.database.read_only() as session:
        assert quarantine.list_open(session) == ()
        assert len(catalogue_history.list_date_changes(session, DLVM, VERSION)) == 2
    assert list_effective_dates(sqlite_driver) == {date(2029, 6, 1)}
    assert page.get_date(TORCH_27) == date(2027, 10, 13)


def test_concurrent_overrides_and_readings_leave_no_gap(driver: Driver) -> None:
    start = utc("2026-12-01 10:00")

    def set_and_end() -> None:
        for number in range(4):
            set_override(driver, start + timedelta(minutes=number), {AVAILABILITY: date(2027, 6, 1 + number)})
            build_overrides(driver).end(VERSION, (), "Ada", start + timedelta(minutes=number, seconds=30))

    def read_page() -> None:
        for number in range(6):
            ingest_dates(driver, start + timedelta(minutes=number), end_of_availability=date(2027, 5, 1 + number))

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(set_and_end), pool.submit(read_page)]:
            future.result()
    with driver.database.read_only() as session:
        date_changes = catalogue_history.list_date_changes(session, DLVM, VERSION)
    days = [PAGE_DATE, *(change.after for change in date_changes)]
    assert [change.before for change in date_changes] == days[:-1]
    assert list_effective_dates(driver) == {days[-1]} == {date(2027, 5, 6)}
