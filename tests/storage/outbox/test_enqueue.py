"""Entries other than planned reminders: announcements, updates of sent messages, and the end of a snooze."""

from datetime import date, timedelta

from msgspec.structs import replace

from storage import catalogue_history, channels, outbox, subscriptions
from storage.database import Database
from storage.facts import (
    DLVM,
    Channel,
    DateChange,
    DateFilledIn,
    MessageKind,
    Milestone,
    OutboxEntry,
    OutboxState,
    Reminder,
    Schedule,
    Subscription,
)
from tests.storage.factories import BEFORE, LEASE, NOTE_MENTION, NOW, URL, make_event, make_rung, subscribe

CORRECTION = Reminder(
    workspace_id="T1",
    channel_id="C1",
    product=DLVM,
    version="pytorch-2.7",
    milestone=Milestone.END_OF_AVAILABILITY,
    milestone_date=date(2027, 4, 16),
    rung=30,
    kind=MessageKind.CORRECTION,
)


def test_an_event_is_announced_once_to_every_subscriber(database: Database) -> None:
    for channel, target in (("C1", "pytorch-2.7"), ("C2", "pytorch"), ("C3", "all"), ("C4", "pytorch-2.9")):
        _subscribe(database, channel, target)
    _subscribe(database, "C1", "all")
    with database.transaction() as session:
        event = catalogue_history.add_event(session, make_event())
        assert outbox.announce_event(session, event, NOW) == 3
        assert outbox.announce_event(session, event, NOW) == 0
    assert _list_kinds(database) == [("C1", MessageKind.EVENT), ("C2", MessageKind.EVENT), ("C3", MessageKind.EVENT)]
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
    assert entry.due_at == NOW
    assert (entry.reminder.subject_id, entry.reminder.milestone, entry.reminder.milestone_date) == (
        event.event_id,
        None,
        NOW.date(),
    )


def test_a_release_note_goes_only_to_channels_that_want_it(database: Database) -> None:
    _subscribe(database, "C1", "pytorch-2.7", notes=True)
    _subscribe(database, "C2", "all")
    with database.transaction() as session:
        event = catalogue_history.add_event(session, make_event(NOTE_MENTION))
        assert outbox.announce_event(session, event, NOW) == 1
    assert _list_kinds(database) == [("C1", MessageKind.RELEASE_NOTE)]
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
    assert entry.reminder.milestone_date == date(2026, 4, 13)


def test_a_planned_rung_supersedes_only_earlier_reminders(database: Database) -> None:
    rung = make_rung(7)
    with database.transaction() as session:
        schedule_id = subscribe(session)
        outbox.plan(session, schedule_id, make_rung(30))
        filled_in = DateFilledIn(DLVM, rung.version, rung.milestone, rung.milestone_date, ())
        events = [catalogue_history.add_event(session, make_event(filled_in)) for _ in range(9)]
        outbox.announce_event(session, events[-1], NOW)
        change = catalogue_history.add_date_change(
            session, DateChange(0, DLVM, rung.version, rung.milestone, rung.milestone_date, None, NOW, URL)
        )
        outbox.announce_date_change(session, replace(change, change_id=40), NOW)
        outbox.plan(session, schedule_id, rung)
    with database.read_only() as session:
        entries = outbox.list_for_channel(session, "T1", "C1")
    assert {(entry.reminder.kind, entry.reminder.rung, entry.reminder.subject): entry.state for entry in entries} == {
        (MessageKind.REMINDER, 30, ""): OutboxState.SUPERSEDED,
        (MessageKind.EVENT, 0, str(events[-1].event_id)): OutboxState.PENDING,
        (MessageKind.DATE_CHANGE, 0, "40"): OutboxState.PENDING,
        (MessageKind.REMINDER, 7, ""): OutboxState.PENDING,
    }


def test_a_redraw_requested_while_sending_is_sent_again(database: Database) -> None:
    database.run(lambda session: outbox.redraw_message(session, CORRECTION, "1.000100", NOW))
    first = _claim(database, 0)
    assert first.message_ts == "1.000100"
    database.run(lambda session: outbox.redraw_message(session, CORRECTION, "1.000100", NOW))
    assert not database.run(lambda session: outbox.settle(session, first, state=OutboxState.SENT, now=NOW))
    assert _read_state(database) == (OutboxState.PENDING, "1.000100")
    second = _claim(database, 5)
    assert database.run(lambda session: outbox.settle(session, second, state=OutboxState.SENT, now=NOW))
    assert _read_state(database) == (OutboxState.SENT, "1.000100")


def test_a_second_redraw_uses_the_newest_timestamp(database: Database) -> None:
    database.run(lambda session: outbox.redraw_message(session, CORRECTION, "1.000100", NOW))
    entry = _claim(database, 0)
    database.run(lambda session: outbox.settle(session, entry, state=OutboxState.DEAD, now=NOW))
    database.run(lambda session: outbox.redraw_message(session, CORRECTION, "2.000100", NOW))
    assert _read_state(database) == (OutboxState.PENDING, "2.000100")


def test_only_the_matching_snoozed_reminder_is_superseded(database: Database) -> None:
    snoozed = replace(CORRECTION, kind=MessageKind.SNOOZED)
    database.run(lambda session: outbox.add(session, snoozed, NOW))
    database.run(lambda session: outbox.supersede_snoozed(session, replace(snoozed, rung=29)))
    assert _read_state(database)[0] is OutboxState.PENDING
    database.run(lambda session: outbox.supersede_snoozed(session, snoozed))
    assert _read_state(database)[0] is OutboxState.SUPERSEDED


def _subscribe(database: Database, channel: str, target: str, *, notes: bool = False) -> None:
    with database.transaction() as session:
        channels.save(session, Channel("T1", channel, Schedule(), notes=notes), BEFORE)
        subscriptions.add(session, Subscription("T1", channel, DLVM, target, "U1", BEFORE))


def _list_kinds(database: Database) -> list[tuple[str, MessageKind]]:
    with database.read_only() as session:
        return [
            (channel, entry.reminder.kind)
            for channel in ("C1", "C2", "C3", "C4")
            for entry in outbox.list_for_channel(session, "T1", channel)
        ]


def _claim(database: Database, seconds: int) -> OutboxEntry:
    now = NOW + timedelta(seconds=seconds)
    (entry,) = database.run(lambda session: outbox.claim(session, now, "worker-1", now + LEASE))
    return entry


def _read_state(database: Database) -> tuple[OutboxState, str]:
    with database.read_only() as session:
        (entry,) = outbox.list_for_channel(session, "T1", "C1")
    return entry.state, entry.message_ts
