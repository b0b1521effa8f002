"""What happened to a version: numbered, found again, and put on its way to the channels that watch it, once."""

from datetime import date

from msgspec.structs import replace

from storage import catalogue_history, channels, outbox, subscriptions
from storage.database import Database
from storage.facts import (
    DLVM,
    CatalogueEvent,
    Channel,
    DateChange,
    EventKind,
    MessageKind,
    Milestone,
    OutboxState,
    Schedule,
    Subscription,
)
from tests.storage.factories import BEFORE, NOW, URL, list_events, make_rung, subscribe

EVENT = CatalogueEvent(
    event_id=0,
    product=DLVM,
    framework="pytorch",
    version="pytorch-2.7",
    kind=EventKind.DEPENDENCY_CHANGED,
    found_at=NOW,
    source_url=URL,
    families=("pytorch-2-7-cu128",),
    details={"what": "python", "before": "3.10", "after": "3.12"},
)


def _channel(database: Database, channel: str, target: str, *, notes: bool = False) -> None:
    with database.transaction() as session:
        channels.save(session, Channel("T1", channel, Schedule(), notes=notes), BEFORE)
        subscriptions.add(session, Subscription("T1", channel, DLVM, target, "U1", BEFORE))


def _told(database: Database) -> list[tuple[str, MessageKind]]:
    with database.read_only() as session:
        found = [(c, entry) for c in ("C1", "C2", "C3", "C4") for entry in outbox.list_for_channel(session, "T1", c)]
    return [(channel, entry.reminder.kind) for channel, entry in found]


def test_events_are_numbered_and_found_again(database: Database) -> None:
    filled = replace(EVENT, kind=EventKind.FILLED_IN, milestone=Milestone.END_OF_AVAILABILITY, day=date(2027, 4, 13))
    other = replace(EVENT, version="pytorch-2.9")
    with database.transaction() as session:
        first, second, third = (catalogue_history.add_event(session, event) for event in (EVENT, filled, other))
    with database.read_only() as session:
        assert 0 < first.event_id < second.event_id < third.event_id
        assert (
            catalogue_history.find_event(session, second.event_id)
            == second
            == replace(filled, event_id=second.event_id)
        )
        assert catalogue_history.find_event(session, third.event_id + 1) is None
        assert list_events(session, "pytorch-2.7") == (first, second)


def test_an_event_goes_once_to_every_channel_that_watches_the_version_its_framework_or_all(
    database: Database,
) -> None:
    for channel, target in (("C1", "pytorch-2.7"), ("C2", "pytorch"), ("C3", "all"), ("C4", "pytorch-2.9")):
        _channel(database, channel, target)
    _channel(database, "C1", "all")
    with database.transaction() as session:
        event = catalogue_history.add_event(session, EVENT)
        assert outbox.announce_event(session, event, NOW) == 3
        assert outbox.announce_event(session, event, NOW) == 0
    assert _told(database) == [("C1", MessageKind.EVENT), ("C2", MessageKind.EVENT), ("C3", MessageKind.EVENT)]
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
    assert (entry.reminder.rung, entry.reminder.milestone, entry.reminder.milestone_date, entry.due_at) == (
        event.event_id,
        None,
        NOW.date(),
        NOW,
    )


def test_what_the_release_notes_say_goes_to_the_channels_that_want_it(database: Database) -> None:
    _channel(database, "C1", "pytorch-2.7", notes=True)
    _channel(database, "C2", "all")
    with database.transaction() as session:
        event = catalogue_history.add_event(session, replace(EVENT, kind=EventKind.RELEASE_NOTE, day=date(2026, 4, 13)))
        assert outbox.announce_event(session, event, NOW) == 1
    assert _told(database) == [("C1", MessageKind.RELEASE_NOTE)]
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
    assert entry.reminder.milestone_date == date(2026, 4, 13)


def test_a_rung_that_is_reached_takes_the_place_of_farther_rungs_and_of_nothing_else(database: Database) -> None:
    on = make_rung(7)
    with database.transaction() as session:
        schedule_id = subscribe(session)
        outbox.plan(session, schedule_id, make_rung(30))
        filled = replace(EVENT, kind=EventKind.FILLED_IN, milestone=on.milestone, day=on.milestone_date)
        numbered = [catalogue_history.add_event(session, filled) for _ in range(9)]
        outbox.announce_event(session, numbered[-1], NOW)
        change = catalogue_history.add_date_change(
            session, DateChange(0, DLVM, on.version, on.milestone, on.milestone_date, None, NOW, URL)
        )
        outbox.announce_date_change(session, replace(change, change_id=40), NOW)
        outbox.plan(session, schedule_id, on)
    with database.read_only() as session:
        states = {(e.reminder.kind, e.reminder.rung): e.state for e in outbox.list_for_channel(session, "T1", "C1")}
    assert states == {
        (MessageKind.REMINDER, 30): OutboxState.SUPERSEDED,
        (MessageKind.EVENT, numbered[-1].event_id): OutboxState.PENDING,
        (MessageKind.DATE_CHANGE, 40): OutboxState.PENDING,
        (MessageKind.REMINDER, 7): OutboxState.PENDING,
    }
