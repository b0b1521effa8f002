"""What happened to a version on its way to a channel: waiting its turn, judged anew, once, and kept in the message."""

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
from bot.slack.blocks.reminders.message import render_reminder as drawn
from storage import catalogue_history, channels, outbox
from storage.facts import DLVM, CatalogueEvent, EventKind, MessageKind, Milestone, OutboxState, PrintedDate, Schedule
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
PYTHON = {TORCH_29: {"python": "3.13"}}


def why(channel: PageDriver) -> list[tuple[OutboxState, int]]:
    """How the channel's news stand, in the order of their events."""
    with channel.desk.database.read_only() as session:
        found = outbox.list_for_channel(session, PLACE.workspace_id, PLACE.channel_id)
    return [(entry.state, entry.reminder.rung) for entry in found if entry.reminder.kind is MessageKind.EVENT]


def states(channel: PageDriver) -> list[OutboxState]:
    return [state for state, _ in why(channel)]


def test_everybody_who_watches_the_version_its_framework_or_all_is_told_and_nobody_else(desk: Driver) -> None:
    for channel, target in (
        ("C1", "pytorch-2.9"),
        ("C2", "pytorch"),
        ("C3", "all"),
        ("C4", "pytorch-2.7"),
        ("C5", "base"),
    ):
        desk.run(f"subscribe {target}", NOW - DAY, Place("T1", channel, "U1"))
    desk.run("subscribe all", NOW - DAY, Place("T2", "C1", "U2"))
    desk.run("subscribe pytorch-2.9", NOW - DAY, Place("T1", "C3", "U1"))
    ingest_rows(desk, NOW, PYTHON)
    ingest_rows(desk, NOW + MINUTE, PYTHON)
    desk.build_loop().tick(NOW + 2 * MINUTE)
    news = [(m.workspace_id, m.channel_id) for m in desk.sender.accepted for line in m.events]
    assert sorted(news) == [("T1", "C1"), ("T1", "C2"), ("T1", "C3"), ("T2", "C1")]


def test_two_processes_that_tick_tell_it_once(desk: Driver) -> None:
    channel = open_page_driver(desk, "pytorch-2.9")
    ingest_rows(desk, NOW, PYTHON)
    one, two = desk.build_loop("one"), desk.build_loop("two")
    for delivery in (one, two, one):
        delivery.tick(NOW + MINUTE)
    assert channel.list_event_kinds() == [EventKind.DEPENDENCY_CHANGED]


@pytest.mark.parametrize(
    ("found", "comes"),
    [
        ("2026-04-15 03:00", "2026-04-15 09:00"),
        ("2026-04-15 14:00", "2026-04-15 14:00"),
        ("2026-04-18 11:00", "2026-04-20 09:00"),
    ],
    ids=["in the night", "in the afternoon", "on a Saturday"],
)
def test_news_come_from_the_channels_hour_on_and_on_working_days(lone_desk: Driver, found: str, comes: str) -> None:
    channel = open_page_driver(lone_desk, "pytorch-2.9", utc("2026-04-14 10:00"))
    ingest_rows(lone_desk, utc(found), PYTHON)
    channel.deliver(utc(found))
    if found != comes:
        assert channel.list_events() == []
        channel.deliver(utc(comes) - MINUTE)
        assert channel.list_events() == []
    channel.deliver(utc(comes))
    assert channel.list_event_kinds() == [EventKind.DEPENDENCY_CHANGED]


def test_news_wait_for_the_next_days_message_after_todays(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "pytorch-2.9")
    ingest_rows(lone_desk, NOW, PYTHON)
    channel.deliver(NOW)
    ingest_rows(lone_desk, NOW + MINUTE, {TORCH_29: {"python": "3.13", "driver": "590"}})
    assert channel.deliver(NOW + 2 * MINUTE) == ""
    assert "NVIDIA driver changed" in channel.deliver(utc("2026-04-16 09:00"))


def test_quiet_hours_hold_news_and_moved_dates_take_them_along(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "pytorch-2.9")
    lone_desk.run("settings quiet 09:30-17:00", NOW - MINUTE)
    ingest_rows(lone_desk, NOW, PYTHON)
    assert channel.deliver(NOW) == ""
    assert "Python changed" in channel.deliver(utc("2026-04-15 17:00"))
    later = PrintedDate("August 4, 2029", date(2029, 8, 4))
    moved = {TORCH_29: {"python": "3.14", "end_of_availability": later}}
    ingest_rows(lone_desk, utc("2026-04-15 18:00"), moved)
    text = channel.deliver(utc("2026-04-15 18:00"))
    assert text.index("moved later") < text.index("Python changed"), "the same day, because a date moved"


def test_news_ride_in_the_days_reminder_and_wait_for_no_weekly_summary(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "pytorch-2.7 pytorch-2.9", utc("2027-01-12 10:00"))
    lone_desk.run("settings weekly on", utc("2027-01-12 10:00"))
    ingest_rows(lone_desk, utc("2027-01-13 02:00"), PYTHON)
    channel.deliver(utc("2027-01-13 02:00"))
    text = channel.deliver(utc("2027-01-13 09:00"))
    assert text.index("90 days left") < text.index("Python changed")
    assert len(lone_desk.sender.accepted) == 1


@pytest.mark.parametrize(
    ("first", "then", "kinds"),
    [
        (({}, (TORCH_27,)), ({TORCH_27: {}}, ()), []),
        ((PYTHON, ()), ({TORCH_29: {"python": "3.14"}}, ()), [EventKind.DEPENDENCY_CHANGED]),
        (({TORCH_211.family: {}}, ()), ({}, (TORCH_211.family,)), [EventKind.VANISHED]),
    ],
    ids=["vanished and back", "replaced twice", "arrived and gone"],
)
def test_what_is_no_longer_so_when_it_is_sent_is_not_told(
    lone_desk: Driver,
    first: tuple[dict[str, dict[str, object]], tuple[str, ...]],
    then: tuple[dict[str, dict[str, object]], tuple[str, ...]],
    kinds: list[EventKind],
) -> None:
    channel = open_page_driver(lone_desk, "pytorch", utc("2026-04-27 10:00"))
    is_arrival = TORCH_211.family in first[0]
    night = utc("2026-04-28 01:00")
    ingest_rows(lone_desk, night, {} if is_arrival else first[0], gone=first[1], new=[TORCH_211] if is_arrival else [])
    ingest_rows(lone_desk, night + MINUTE, then[0], gone=then[1])
    channel.deliver(utc("2026-04-28 09:00"))
    assert channel.list_event_kinds() == kinds
    assert states(channel) == [OutboxState.SUPERSEDED, OutboxState.SENT if kinds else OutboxState.SUPERSEDED]


def test_a_row_that_is_back_is_told_where_its_loss_was(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "pytorch-2.7")
    ingest_rows(lone_desk, NOW, gone=(TORCH_27,))
    channel.deliver(NOW)
    ingest_rows(lone_desk, NOW + DAY, {TORCH_27: {}})
    channel.deliver(NOW + DAY)
    ingest_rows(lone_desk, NOW + DAY + MINUTE, gone=(TORCH_27,))
    ingest_rows(lone_desk, NOW + DAY + 2 * MINUTE, {TORCH_27: {}})
    ingest_rows(lone_desk, NOW + DAY + 3 * MINUTE, gone=(TORCH_27,))
    channel.deliver(utc("2026-04-17 09:00"))
    assert channel.list_event_kinds() == [EventKind.VANISHED, EventKind.RETURNED, EventKind.VANISHED], (
        "the last one once"
    )


def test_a_date_that_was_filled_in_and_moved_at_once_is_told_as_moved(desk: Driver) -> None:
    channel = open_page_driver(desk, "tensorflow-2.17")
    for minutes, day in enumerate((date(2026, 7, 11), date(2026, 8, 11))):
        ingest_rows(desk, NOW + minutes * MINUTE, {FLOW_217: {"end_of_availability": PrintedDate(str(day), day)}})
    text = channel.deliver(NOW + 5 * MINUTE)
    assert "moved later" in text
    assert channel.list_events() == []
    assert states(channel) == [OutboxState.SUPERSEDED]


def test_who_unsubscribed_or_migrated_meanwhile_is_told_nothing(lone_desk: Driver) -> None:
    other = Place("T1", "C2", "U1")
    lone_desk.run("subscribe pytorch-2.9", NOW - DAY, other)
    channel = open_page_driver(lone_desk, "pytorch-2.9")
    ingest_rows(lone_desk, NOW, PYTHON)
    DecisionFactory(lone_desk.database, lone_desk.default).migrate("pytorch-2.9", PLACE, NOW)
    lone_desk.run("unsubscribe pytorch-2.9", NOW, other)
    assert channel.deliver(NOW) == ""
    assert states(channel) == [OutboxState.SUPERSEDED]


def test_a_version_the_channel_migrated_from_is_no_reason_for_a_new_one(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "pytorch", utc("2026-04-27 10:00"))
    DecisionFactory(lone_desk.database, lone_desk.default).migrate("pytorch-2.7", PLACE, utc("2026-04-27 11:00"))
    ingest_rows(lone_desk, utc("2026-04-28 10:00"), new=[TORCH_211])
    channel.deliver(utc("2026-04-28 10:00"))
    assert [before.version for line in channel.list_events() for before in line.predecessors] == ["pytorch-2.4"]


def test_a_message_drawn_anew_keeps_its_news(desk: Driver) -> None:
    channel = open_page_driver(desk, "pytorch-2.7", utc("2027-01-12 10:00"))
    ingest_rows(desk, utc("2027-01-13 02:00"), {TORCH_27: {"python": "3.11"}})
    sent = channel.deliver(utc("2027-01-13 09:00"))
    later = PrintedDate("October 13, 2027", date(2027, 10, 13))
    ingest_rows(desk, utc("2027-01-14 10:00"), {TORCH_27: {"python": "3.11", "end_of_availability": later}})
    channel.deliver(utc("2027-01-14 10:00"))
    (_, message) = desk.sender.updated[0]
    assert "Python: 3.10 → *3.11*" in sent
    assert "Python: 3.10 → *3.11*" in str(drawn(message)["text"])
    assert "corrected, the date has changed" in str(drawn(message)["text"])


def test_a_nearer_reminder_outdoes_no_news_and_no_move_that_slack_may_hold(lone_desk: Driver) -> None:
    """Of what is unsure only farther reminders of the same date give way, whatever numbers others have."""
    channel = open_page_driver(lone_desk, "tensorflow-2.17", utc("2026-07-08 10:00"))
    ingest_rows(lone_desk, utc("2026-07-08 11:00"), {FLOW_217: {"patch_version": "2.17.1"}})
    channel.deliver(utc("2026-07-08 11:00"))
    filled = {"patch_version": "2.17.1", "end_of_availability": PrintedDate("July 11, 2026", date(2026, 7, 11))}
    ingest_rows(lone_desk, utc("2026-07-09 10:00"), {FLOW_217: filled})
    lone_desk.sender.outcomes = [Ambiguous("lost")]
    lone_desk.sender.hidden_lookups = 99
    for moment in ("09 10:00", "10 08:58", "10 08:59", "10 09:00", "10 09:01"):
        channel.deliver(utc(f"2026-07-{moment}"))
    assert lone_desk.sender.lookups == 2
    assert channel.list_event_kinds() == [EventKind.DEPENDENCY_CHANGED, EventKind.FILLED_IN]
    assert channel.list_events()[-1].milestone is Milestone.END_OF_AVAILABILITY
    assert lone_desk.sender.list_rungs() == [("2026-07-10", 0)]


def test_a_rehearsal_shows_news_and_what_they_wait_for(lone_desk: Driver) -> None:
    open_page_driver(lone_desk, "pytorch-2.9")
    ingest_rows(lone_desk, utc("2026-04-16 03:00"), PYTHON)
    early = simulate_tick(lone_desk.database, SnapshotCache(), lone_desk.default, utc("2026-04-16 03:00"))
    assert [each.reason for each in early.unsent] == [
        "waits until 2026-04-16 09:00 UTC: one message a day, quiet hours or the summary"
    ]
    found = simulate_tick(lone_desk.database, SnapshotCache(), lone_desk.default, utc("2026-04-16 09:00"))
    assert [line.version for message in found.messages for line in message.events] == ["pytorch-2.9"]
    assert '"kind": "replaced"' in json.dumps(to_json_value(found))


def test_news_of_many_versions_stay_within_slacks_limits(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "all")
    numbers = range(11, 23)
    many = [replace(TORCH_211, number=f"2.{n}", family=f"pytorch-2-{n}-cu130-ubuntu-2404-nvidia-590") for n in numbers]
    ingest_rows(lone_desk, NOW, new=many)
    text = channel.deliver(NOW)
    assert text.count("is new in Google’s table*") == 4
    assert "*And 8 more in Google’s table*" in text
    assert "• PyTorch 2.11 is new in Google’s table; next date 20 Apr 2029" in text
    assert check_message(drawn(lone_desk.sender.accepted[0])) == ()


def test_release_notes_reach_the_channels_that_want_them_and_nobody_who_no_longer_does(lone_desk: Driver) -> None:
    channel = open_page_driver(lone_desk, "pytorch-2.9")
    event = CatalogueEvent(
        0,
        DLVM,
        "pytorch",
        "pytorch-2.9",
        EventKind.RELEASE_NOTE,
        NOW,
        "https://example.org/notes",
        details={"text": "Fixed."},
    )
    other = Place("T1", "C2", "U1")
    lone_desk.run("subscribe pytorch", NOW - DAY, other)
    with lone_desk.database.transaction() as session:
        found = [get_channel(session, place, Schedule()) for place in (PLACE, other)]
        for each in found:
            channels.save(session, replace(each, notes=True), NOW)
        numbered = catalogue_history.add_event(session, event)
        assert outbox.announce_event(session, numbered, NOW) == 2
        outbox.announce_event(session, replace(numbered, event_id=numbered.event_id + 1), NOW)
        channels.save(session, found[1], NOW)
    text = channel.deliver(NOW)
    assert [message.channel_id for message in lone_desk.sender.accepted] == ["C1"]
    assert "PyTorch 2.9 is in the release notes of 15 Apr 2026" in text
    assert "Fixed.\nRead it in the <https://example.org/notes|release notes>." in text
    assert channel.list_event_kinds() == [EventKind.RELEASE_NOTE]
