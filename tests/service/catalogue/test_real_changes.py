"""Dates that really moved, read off a page: each gives its message and its history, the large ones once accepted."""

import csv
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES, DateGap
from bot.catalogue.page.rows import PrintedRow, normalize_family
from bot.catalogue.validation.confirmation import ReadingOutcome
from bot.policy.changes import Direction
from bot.policy.durations import format_date
from bot.service.catalogue import bundled
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder as drawn
from storage import catalogue, catalogue_history
from storage.database import Database
from storage.facts import DLVM, ImageFamily, Milestone
from tests.catalogue.validation_factories import build_reading
from tests.service.driver import open_driver, utc
from tests.service.page_driver import PageDriver, add_rows
from tests.service.page_fixture import HOUR, FakePage

EOP = Milestone.END_OF_PATCH_AND_SUPPORT
SISTER = replace(DEEP_LEARNING_VM_IMAGES, gap=DateGap.ANY, named_after_version=False)
"""A page like Google's whose families are named, and whose dates lie apart, as sister products have it."""
LARGE = {"2026-02-10": "7 rows changed at once, more than 5", "2026-08-10": "the date moved by 700 days, more than 400"}
WORDS = {Direction.EARLIER: "moved EARLIER", Direction.LATER: "moved later", Direction.EXTENDED: "was extended"}
UNDATED = "2025-11-03"
"""A working day before the old date, for the move of which nobody wrote down the day."""


def real() -> dict[str, list[dict[str, str]]]:
    """The moves by the day they were found."""
    lines = (Path(__file__).parents[2] / "data" / "date-changes.csv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    return {day or UNDATED: list(found) for day, found in groupby(rows, key=lambda row: row["changed_on"])}


REAL = real()


def row(change: dict[str, str], day: str) -> PrintedRow:
    """The row as a table prints it; Base versions are named by their CUDA."""
    number = "cu" + "".join(change["version"].split(".")[:2]) if change["framework"] == "Base" else change["version"]
    return PrintedRow(
        section=f"{change['framework']} versions",
        label=f"Base-{number}" if change["framework"] == "Base" else number,
        patch_version="",
        accelerator=change["variant"],
        end_of_patch=f"{date.fromisoformat(day):%B %d, %Y}",
        end_of_availability="January 14, 2027" if change["framework"] == "TensorFlow" else "To be determined",
        image_family=change["variant"].replace(" ", "-").replace("(", "").replace(")", ""),
    )


def before_it(database: Database, day: str) -> PageDriver:
    """The old dates are known, and a channel has watched everything for two days."""
    bundled.load_bundled(database, utc("2025-10-01 00:00"))
    desk = open_driver(database)
    old = build_reading(add_rows(*(row(change, change["old_date"]) for change in REAL[day]))).rows
    known = [each for each in old if isinstance(each, ImageFamily)]
    with database.read_only() as session:
        last = catalogue.find_last_reading(session)
    assert last is not None
    CatalogueIngest(database, SnapshotCache(), desk.default).apply(known, last, utc("2025-10-02 00:00"))
    desk.run("subscribe all", utc(f"{day} 09:30") - timedelta(days=2))
    return PageDriver(desk, FakePage(desk, description=SISTER))


def enter(channel: PageDriver, day: str) -> None:
    """The page says the new dates: at once, or once a person has accepted what is too large to be believed."""
    channel.page.rows = add_rows(*(row(change, change["new_date"]) for change in REAL[day]))
    now = utc(f"{day} 10:00")
    done = channel.page.run(now)
    assert done is not None
    if day in LARGE:
        assert LARGE[day] in {done.problem, *(one.reason for one in done.quarantined)}
        assert done.outcome in {ReadingOutcome.QUARANTINED, ReadingOutcome.UNCHANGED}
        channel.deliver(now)
        assert not any(message.date_changes for message in channel.desk.sender.accepted)
        channel.accept_all(now)
    else:
        assert done.outcome is ReadingOutcome.UNCONFIRMED
    assert channel.page.read(now + HOUR, manual=True) is ReadingOutcome.CONFIRMED


@pytest.mark.parametrize("day", REAL)
def test_a_real_change_gives_the_right_message_and_the_right_history(sqlite_database: Database, day: str) -> None:
    channel, (change, *_) = before_it(sqlite_database, day), REAL[day]
    enter(channel, day)
    found, before, after = (date.fromisoformat(text) for text in (day, change["old_date"], change["new_date"]))
    which = Direction.EARLIER if after < before else Direction.EXTENDED if before < found else Direction.LATER
    families = tuple(normalize_family(row(each, day).image_family) for each in REAL[day])
    channel.deliver(utc(f"{day} 11:00"))
    (message,) = (each for each in channel.desk.sender.accepted if each.date_changes)
    (line,) = message.date_changes
    assert (line.milestone, line.before, line.after, line.direction) == (EOP, before, after, which)
    assert (line.days_left, set(line.families), message.events) == ((after - found).days, set(families), ())
    text = str(drawn(message)["text"])
    assert f"{line.title}: the last day of patches and support {WORDS[which]}" in text
    assert f"Previously: ~{format_date(before)}~" in text
    assert f"Now: *{format_date(after)}" in text
    with sqlite_database.read_only() as session:
        (recorded,) = catalogue_history.list_date_changes(session, DLVM, line.version)
        told = {
            family: [
                (value.value, value.first_seen, value.last_seen is None)
                for value in catalogue_history.list_values(session)
                if (value.family, value.field) == (family, EOP.value)
            ]
            for family in families
        }
    moment = utc(f"{day} 11:00")
    assert (recorded.before, recorded.after, recorded.found_at) == (before, after, moment)
    past = [(before.isoformat(), utc("2025-10-02 00:00"), False), (after.isoformat(), moment, True)]
    assert set(told) == set(families)
    assert all(seen == past for seen in told.values())
    channel.page.run(utc(f"{day} 18:00"))
    channel.deliver(utc(f"{day} 09:00") + timedelta(days=1))
    assert len([each for each in channel.desk.sender.accepted if each.date_changes]) == 1
