"""Moves that happened on related products' pages, replayed: each gives its message and its history."""

import csv
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from bot.catalogue.page.rows import PrintedRow, normalize_family
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.policy.changes import Direction
from bot.policy.durations import format_date
from bot.service.catalogue import bundled
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder
from storage import catalogue, catalogue_history
from storage.database import Database
from storage.facts import DLVM, ImageFamily, Milestone
from tests.catalogue.validation_factories import build_family, build_reading
from tests.service.driver import open_driver, utc
from tests.service.page_driver import PageDriver, add_rows
from tests.service.page_fixture import HOUR, FakePage

PATCH = Milestone.END_OF_PATCH_AND_SUPPORT
DIRECTION_PHRASES = {
    Direction.EARLIER: "moved EARLIER",
    Direction.LATER: "moved later",
    Direction.EXTENDED: "was extended",
}
SUBSTITUTE_DAY = "2025-11-03"
"""Working day before the old date, for the one move whose day is unknown."""
QUARANTINE_REASONS = {
    "2026-02-10": "7 rows changed at once, more than 5",
    "2026-08-10": "the date moved by 700 days, more than 400",
    SUBSTITUTE_DAY: "the dates are 184 days apart instead of zero or a calendar year",
}


def load_real_changes() -> dict[str, list[dict[str, str]]]:
    """Load the moves by the day they were found."""
    lines = (Path(__file__).parents[2] / "data" / "date-changes.csv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    return {day or SUBSTITUTE_DAY: list(group) for day, group in groupby(rows, key=lambda row: row["changed_on"])}


REAL_CHANGES = load_real_changes()


def build_row(change: dict[str, str], day: str) -> PrintedRow:
    """Return the row as the table prints it. Base versions are named by their CUDA version."""
    framework, version = change["framework"], change["version"]
    number = "cu" + "".join(version.split(".")[:2]) if framework == "Base" else version
    return PrintedRow(
        section=f"{change['framework']} versions",
        label=f"Base-{number}" if change["framework"] == "Base" else number,
        patch_version="",
        accelerator=change["variant"],
        end_of_patch=f"{date.fromisoformat(day):%B %d, %Y}",
        end_of_availability="January 14, 2027" if change["framework"] == "TensorFlow" else "To be determined",
        image_family=build_family(f"{framework.lower()}-{number}", change["variant"]),
    )


def open_before(database: Database, day: str) -> PageDriver:
    """Return a driver whose catalogue has the old dates and whose channel subscribed to everything two days ago."""
    bundled.load_bundled(database, utc("2025-10-01 00:00"))
    driver = open_driver(database)
    old_rows = build_reading(add_rows(*(build_row(change, change["old_date"]) for change in REAL_CHANGES[day]))).rows
    families = [row for row in old_rows if isinstance(row, ImageFamily)]
    with database.read_only() as session:
        last_reading = catalogue.find_last_reading(session)
    assert last_reading is not None
    CatalogueIngest(database, SnapshotCache(), driver.default).apply(families, last_reading, utc("2025-10-02 00:00"))
    driver.run("subscribe all", utc(f"{day} 09:30") - timedelta(days=2))
    return PageDriver(driver, FakePage(driver))


def confirm_changes(channel: PageDriver, day: str) -> None:
    """Have the page print the new dates until they are confirmed, accepting quarantined ones."""
    channel.page.rows = add_rows(*(build_row(change, change["new_date"]) for change in REAL_CHANGES[day]))
    now = utc(f"{day} 10:00")
    result = channel.page.run(now)
    assert result is not None
    if day in QUARANTINE_REASONS:
        assert QUARANTINE_REASONS[day] in {result.problem, *(entry.reason for entry in result.quarantined)}
        assert result.outcome in {ReadingOutcome.QUARANTINED, ReadingOutcome.UNCHANGED}
        channel.deliver(now)
        assert not any(message.date_changes for message in channel.driver.sender.accepted)
        channel.accept_all(now)
    else:
        assert result.outcome is ReadingOutcome.UNCONFIRMED
    assert channel.page.read(now + HOUR, manual=True) is ReadingOutcome.CONFIRMED


@pytest.mark.parametrize("day", REAL_CHANGES)
def test_real_change_gives_its_message_and_history(sqlite_database: Database, day: str) -> None:
    channel, (change, *_) = open_before(sqlite_database, day), REAL_CHANGES[day]
    confirm_changes(channel, day)
    found_on, before, after = (date.fromisoformat(text) for text in (day, change["old_date"], change["new_date"]))
    direction = Direction.EARLIER if after < before else Direction.EXTENDED if before < found_on else Direction.LATER
    families = tuple(normalize_family(build_row(moved, day).image_family) for moved in REAL_CHANGES[day])
    channel.deliver(utc(f"{day} 11:00"))
    (message,) = (message for message in channel.driver.sender.accepted if message.date_changes)
    (line,) = message.date_changes
    assert (line.milestone, line.before, line.after, line.direction) == (PATCH, before, after, direction)
    assert (set(line.families), message.events) == (set(families), ())
    text = str(render_reminder(message)["text"])
    assert f"{line.title}: the last day of patches and support {DIRECTION_PHRASES[direction]}" in text
    assert f"Previously: ~{format_date(before)}~" in text
    assert f"Now: *{format_date(after)}" in text
    with sqlite_database.read_only() as session:
        (recorded,) = catalogue_history.list_date_changes(session, DLVM, line.version)
        history = {
            family: [
                (value.value, value.first_seen, value.last_seen is None)
                for value in catalogue_history.list_values(session)
                if (value.family, value.field) == (family, PATCH.value)
            ]
            for family in families
        }
    moment = utc(f"{day} 11:00")
    assert (recorded.before, recorded.after, recorded.found_at) == (before, after, moment)
    expected = [(before.isoformat(), utc("2025-10-02 00:00"), False), (after.isoformat(), moment, True)]
    assert set(history) == set(families)
    assert all(values == expected for values in history.values())
    channel.page.run(utc(f"{day} 18:00"))
    channel.deliver(utc(f"{day} 09:00") + timedelta(days=1))
    assert len([message for message in channel.driver.sender.accepted if message.date_changes]) == 1
