"""Catalogue events in a channel: postponed, checked when they are sent, announced once, kept in updated messages."""

import json
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bot.cli.rendering import to_json_value
from bot.policy.post_outcomes import Ambiguous
from bot.sandbox.block_kit.validate import check_message
from bot.service.delivery.dry_run import simulate_tick
from bot.service.place import Place, get_channel
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder
from storage import catalogue_history, channels, outbox
from storage.facts import (
    DLVM,
    CatalogueChange,
    CatalogueEvent,
    DateFilledIn,
    DependencyReplaced,
    MessageKind,
    Milestone,
    OutboxState,
    PrintedDate,
    ReleaseNoteMention,
    RowsReturned,
    RowsVanished,
    Schedule,
)
from tests.catalogue.validation_factories import FLOW_217, KNOWN_ROWS, TORCH_27, TORCH_29
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, utc
from tests.service.page_driver import NOW, PageDriver, ingest_rows, open_page_driver

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TORCH_211 = replace(
    KNOWN_ROWS[TORCH_29],
    number="2.11",
    label="2.11 (Python 3.12 / Ubuntu 24.04)",
    family="pytorch-2-11-cu130-ubuntu-2404-nvidia-590",
    end_of_patch_and_support=PrintedDate("April 20, 2029", date(2029, 4, 20)),
    end_of_availability=PrintedDate("April 20, 2030", date(2030, 4, 20)),
)
PYTHON_CHANGE = {TORCH_29: {"python": "3.13"}}


def list_event_states(channel: PageDriver) -> list[OutboxState]:
    """Return the states of the channel's event entries, in the order of the outbox."""
    with channel.driver.database.read_only() as session:
        entries = outbox.list_for_channel(session, PLACE.workspace_id, PLACE.channel_id)
    return [entry.state for entry in entries if entry.reminder.kind is MessageKind.EVENT]


def test_event_reaches_subscribers_of_version_framework_and_all(driver: Driver) -> None:
    for channel, target in (
        ("C1", "pytorch-2.9"),
        ("C2", "pytorch"),
        ("C3", "all"),
        ("C4", "pytorch-2.7"),
        ("C5", "base"),
    ):
        driver.run(f"subscribe {target}", NOW - DAY, Place("T1", channel, "U1"))
    driver.run("subscribe all", NOW - DAY, Place("T2", "C1", "U2"))
    driver.run("subscribe pytorch-2.9", NOW - DAY, Place("T1", "C3", "U1"))
    ingest_rows(driver, NOW, PYTHON_CHANGE)
    ingest_rows(driver, NOW + MINUTE, PYTHON_CHANGE)
    driver.build_loop().tick(NOW + 2 * MINUTE)
    recipients = [(m.workspace_id, m.channel_id) for m in driver.sender.accepted for _ in m.events]
    assert sorted(recipients) == [("T1", "C1"), ("T1", "C2"), ("T1", "C3"), ("T2", "C1")]


def test_two_processes_announce_an_event_once(driver: Driver) -> None:
    channel = open_page_driver(driver, "pytorch-2.9")
    ingest_rows(driver, NOW, PYTHON_CHANGE)
    first, second = driver.build_loop("one"), driver.build_loop("two")
    for loop in (first, second, first):
        loop.tick(NOW + MINUTE)
    assert channel.list_event_kinds() == [DependencyReplaced]


@pytest.mark.parametrize(
    ("found_at", "sent_at"),
    [
        ("2026-04-15 03:00", "2026-04-15 09:00"),
        ("2026-04-15 14:00", "2026-04-15 14:00"),
        ("2026-04-18 11:00", "2026-04-20 09:00"),
    ],
    ids=["at night", "in the afternoon", "on a Saturday"],
)
def test_event_waits_for_the_channel_hour_on_a_working_day(sqlite_driver: Driver, found_at: str, sent_at: str) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.9", utc("2026-04-14 10:00"))
    ingest_rows(sqlite_driver, utc(found_at), PYTHON_CHANGE)
    channel.deliver(utc(found_at))
    if found_at != sent_at:
        assert channel.list_events() == []
        channel.deliver(utc(sent_at) - MINUTE)
        assert channel.list_events() == []
    channel.deliver(utc(sent_at))
    assert channel.list_event_kinds() == [DependencyReplaced]


def test_event_after_the_daily_message_waits_for_the_next_day(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.9")
    ingest_rows(sqlite_driver, NOW, PYTHON_CHANGE)
    channel.deliver(NOW)
    ingest_rows(sqlite_driver, NOW + MINUTE, {TORCH_29: {"python": "3.13", "driver": "590"}})
    assert channel.deliver(NOW + 2 * MINUTE) == ""
    assert "NVIDIA driver changed" in channel.deliver(utc("2026-04-16 09:00"))


def test_event_waits_for_quiet_hours_but_joins_a_date_change(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.9")
    sqlite_driver.run("settings quiet 09:30-17:00", NOW - MINUTE)
    ingest_rows(sqlite_driver, NOW, PYTHON_CHANGE)
    assert channel.deliver(NOW) == ""
    assert "Python changed" in channel.deliver(utc("2026-04-15 17:00"))
    later = PrintedDate("August 4, 2029", date(2029, 8, 4))
    changes = {TORCH_29: {"python": "3.14", "end_of_availability": later}}
    ingest_rows(sqlite_driver, utc("2026-04-15 18:00"), changes)
    text = channel.deliver(utc("2026-04-15 18:00"))
    assert text.index("moved later") < text.index("Python changed"), "not sent with the date change"


def test_event_joins_the_reminder_and_waits_for_no_summary(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.7 pytorch-2.9", utc("2027-01-12 10:00"))
    sqlite_driver.run("settings weekly on", utc("2027-01-12 10:00"))
    ingest_rows(sqlite_driver, utc("2027-01-13 02:00"), PYTHON_CHANGE)
    channel.deliver(utc("2027-01-13 02:00"))
    text = channel.deliver(utc("2027-01-13 09:00"))
    assert text.index("90 days left") < text.index("Python changed")
    assert len(sqlite_driver.sender.accepted) == 1


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        (({}, (TORCH_27,)), ({TORCH_27: {}}, ()), []),
        ((PYTHON_CHANGE, ()), ({TORCH_29: {"python": "3.14"}}, ()), [DependencyReplaced]),
        (({TORCH_211.family: {}}, ()), ({}, (TORCH_211.family,)), [RowsVanished]),
    ],
    ids=["vanished and returned", "replaced twice", "arrived and vanished"],
)
def test_event_that_no_longer_holds_is_not_announced(
    sqlite_driver: Driver,
    first: tuple[dict[str, dict[str, object]], tuple[str, ...]],
    second: tuple[dict[str, dict[str, object]], tuple[str, ...]],
    kinds: list[type[CatalogueChange]],
) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch", utc("2026-04-27 10:00"))
    is_arrival = TORCH_211.family in first[0]
    night = utc("2026-04-28 01:00")
    ingest_rows(
        sqlite_driver, night, {} if is_arrival else first[0], gone=first[1], new=[TORCH_211] if is_arrival else []
    )
    ingest_rows(sqlite_driver, night + MINUTE, second[0], gone=second[1])
    channel.deliver(utc("2026-04-28 09:00"))
    assert channel.list_event_kinds() == kinds
    assert list_event_states(channel) == [OutboxState.SUPERSEDED, OutboxState.SENT if kinds else OutboxState.SUPERSEDED]


def test_returned_row_is_announced_if_its_loss_was(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.7")
    ingest_rows(sqlite_driver, NOW, gone=(TORCH_27,))
    channel.deliver(NOW)
    ingest_rows(sqlite_driver, NOW + DAY, {TORCH_27: {}})
    channel.deliver(NOW + DAY)
    ingest_rows(sqlite_driver, NOW + DAY + MINUTE, gone=(TORCH_27,))
    ingest_rows(sqlite_driver, NOW + DAY + 2 * MINUTE, {TORCH_27: {}})
    ingest_rows(sqlite_driver, NOW + DAY + 3 * MINUTE, gone=(TORCH_27,))
    channel.deliver(utc("2026-04-17 09:00"))
    assert channel.list_event_kinds() == [RowsVanished, RowsReturned, RowsVanished]


def test_date_filled_in_and_changed_at_once_is_a_date_change(driver: Driver) -> None:
    channel = open_page_driver(driver, "tensorflow-2.17")
    for minutes, day in enumerate((date(2026, 7, 11), date(2026, 8, 11))):
        ingest_rows(driver, NOW + minutes * MINUTE, {FLOW_217: {"end_of_availability": PrintedDate(str(day), day)}})
    text = channel.deliver(NOW + 5 * MINUTE)
    assert "moved later" in text
    assert channel.list_events() == []
    assert list_event_states(channel) == [OutboxState.SUPERSEDED]


def test_event_is_dropped_after_unsubscribing_or_migrating(sqlite_driver: Driver) -> None:
    other = Place("T1", "C2", "U1")
    sqlite_driver.run("subscribe pytorch-2.9", NOW - DAY, other)
    channel = open_page_driver(sqlite_driver, "pytorch-2.9")
    ingest_rows(sqlite_driver, NOW, PYTHON_CHANGE)
    DecisionFactory(sqlite_driver.database, sqlite_driver.default).migrate("pytorch-2.9", PLACE, NOW)
    sqlite_driver.run("unsubscribe pytorch-2.9", NOW, other)
    assert channel.deliver(NOW) == ""
    assert list_event_states(channel) == [OutboxState.SUPERSEDED]


def test_migrated_version_is_no_predecessor_of_a_new_one(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch", utc("2026-04-27 10:00"))
    DecisionFactory(sqlite_driver.database, sqlite_driver.default).migrate(
        "pytorch-2.7", PLACE, utc("2026-04-27 11:00")
    )
    ingest_rows(sqlite_driver, utc("2026-04-28 10:00"), new=[TORCH_211])
    channel.deliver(utc("2026-04-28 10:00"))
    assert [other.version for line in channel.list_events() for other in line.predecessors] == ["pytorch-2.4"]


def test_updated_message_keeps_its_events(driver: Driver) -> None:
    channel = open_page_driver(driver, "pytorch-2.7", utc("2027-01-12 10:00"))
    ingest_rows(driver, utc("2027-01-13 02:00"), {TORCH_27: {"python": "3.11"}})
    sent = channel.deliver(utc("2027-01-13 09:00"))
    later = PrintedDate("October 13, 2027", date(2027, 10, 13))
    ingest_rows(driver, utc("2027-01-14 10:00"), {TORCH_27: {"python": "3.11", "end_of_availability": later}})
    channel.deliver(utc("2027-01-14 10:00"))
    (_, message) = driver.sender.updated[0]
    assert "Python: 3.10 → *3.11*" in sent
    assert "Python: 3.10 → *3.11*" in str(render_reminder(message)["text"])
    assert "corrected, the date has changed" in str(render_reminder(message)["text"])


def test_reminder_replaces_no_ambiguous_event(sqlite_driver: Driver) -> None:
    """The rung of an event is its id: it must not be compared with the days of a reminder."""
    channel = open_page_driver(sqlite_driver, "tensorflow-2.17", utc("2026-07-08 10:00"))
    ingest_rows(sqlite_driver, utc("2026-07-08 11:00"), {FLOW_217: {"patch_version": "2.17.1"}})
    channel.deliver(utc("2026-07-08 11:00"))
    filled = {"patch_version": "2.17.1", "end_of_availability": PrintedDate("July 11, 2026", date(2026, 7, 11))}
    ingest_rows(sqlite_driver, utc("2026-07-09 10:00"), {FLOW_217: filled})
    sqlite_driver.sender.outcomes = [Ambiguous("lost")]
    sqlite_driver.sender.hidden_lookups = 99
    for moment in ("09 10:00", "10 08:58", "10 08:59", "10 09:00", "10 09:01"):
        channel.deliver(utc(f"2026-07-{moment}"))
    assert sqlite_driver.sender.lookups == 2
    assert channel.list_event_kinds() == [DependencyReplaced, DateFilledIn]
    filled_in = channel.list_events()[-1].change
    assert isinstance(filled_in, DateFilledIn)
    assert filled_in.milestone is Milestone.END_OF_AVAILABILITY
    assert sqlite_driver.sender.list_rungs() == [("2026-07-10", 0)]


def test_dry_run_shows_events_and_what_they_wait_for(sqlite_driver: Driver) -> None:
    open_page_driver(sqlite_driver, "pytorch-2.9")
    ingest_rows(sqlite_driver, utc("2026-04-16 03:00"), PYTHON_CHANGE)
    early_run = simulate_tick(sqlite_driver.database, SnapshotCache(), sqlite_driver.default, utc("2026-04-16 03:00"))
    assert [reminder.reason for reminder in early_run.unsent] == [
        "waits until 2026-04-16 09:00 UTC: daily limit, quiet hours or weekly summary"
    ]
    due_run = simulate_tick(sqlite_driver.database, SnapshotCache(), sqlite_driver.default, utc("2026-04-16 09:00"))
    assert [line.version for message in due_run.messages for line in message.events] == ["pytorch-2.9"]
    assert '"kind": "dependency_changed"' in json.dumps(to_json_value(due_run))


def test_events_of_many_versions_stay_within_slack_limits(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "all")
    numbers = range(11, 23)
    new_rows = [
        replace(TORCH_211, number=f"2.{n}", family=f"pytorch-2-{n}-cu130-ubuntu-2404-nvidia-590") for n in numbers
    ]
    ingest_rows(sqlite_driver, NOW, new=new_rows)
    text = channel.deliver(NOW)
    assert text.count("is new in Google’s table*") == 4
    assert "*And 8 more in Google’s table*" in text
    assert "• PyTorch 2.11 is new in Google’s table; next date 20 Apr 2029" in text
    assert check_message(render_reminder(sqlite_driver.sender.accepted[0])) == ()


def test_release_notes_reach_only_channels_that_want_them_now(sqlite_driver: Driver) -> None:
    channel = open_page_driver(sqlite_driver, "pytorch-2.9")
    mention = ReleaseNoteMention(DLVM, "pytorch-2.9", "2026-04-15 Fix 1", "Fix", NOW.date(), "Fixed.")
    event = CatalogueEvent(0, NOW, "https://example.org/notes", mention)
    other = Place("T1", "C2", "U1")
    sqlite_driver.run("subscribe pytorch", NOW - DAY, other)
    with sqlite_driver.database.transaction() as session:
        without_notes = [get_channel(session, place, Schedule()) for place in (PLACE, other)]
        for stored in without_notes:
            channels.save(session, replace(stored, notes=True), NOW)
        stored_event = catalogue_history.add_event(session, event)
        assert outbox.announce_event(session, stored_event, NOW) == 2
        outbox.announce_event(session, replace(stored_event, event_id=stored_event.event_id + 1), NOW)
        channels.save(session, without_notes[1], NOW)
    text = channel.deliver(NOW)
    assert [message.channel_id for message in sqlite_driver.sender.accepted] == ["C1"]
    assert "PyTorch 2.9 is in the release notes of 15 Apr 2026" in text
    assert "Fixed.\nRead it in the <https://example.org/notes|release notes>." in text
    assert channel.list_event_kinds() == [ReleaseNoteMention]
