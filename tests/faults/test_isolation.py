"""What is wrong with one message, channel or workspace is nobody else's trouble, and nothing is lost by it."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy.post_outcomes import Accepted, PostOutcome, Refused, Remedy
from bot.service.place import Place
from bot.service.reminders import compose as composing
from storage import channels, outbox
from storage.facts import OutboxEntry, OutboxState
from tests.service.driver import Driver, RecordingSender, utc


def test_refusals_that_nobody_understands_end_after_twelve(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("unheard_of", Remedy.UNKNOWN)] * 50
    delivery = desk.build_loop()
    for minute in range(0, 600, 5):
        delivery.tick(utc("2027-01-13 09:00") + timedelta(minutes=minute))
    assert len(desk.sender.attempted) == 12


def test_a_day_without_a_network_loses_nothing(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.workspace_outcomes = {"T1": Refused("ClientConnectorError", Remedy.RETRY)}
    delivery = desk.build_loop()
    for minute in range(0, 24 * 60, 5):
        delivery.tick(utc("2027-01-13 09:00") + timedelta(minutes=minute))
    assert len(desk.sender.attempted) > 50
    desk.sender.workspace_outcomes = {}
    delivery.tick(utc("2027-01-14 09:20"))
    assert desk.sender.list_rungs() == [("2027-01-14", 90)]
    assert desk.sender.accepted[0].lines[0].is_late


def test_a_channel_that_can_not_be_judged_stops_nobody_else(desk: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    for channel in ("C1", "C2", "C3"):
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", channel, "U1"))
    compose = composing.compose

    def poisoned(
        entries: Sequence[OutboxEntry], channel: composing.ChannelContext, now: datetime
    ) -> composing.Composition:
        if channel.channel.channel_id == "C2":
            raise ZeroDivisionError
        return compose(entries, channel, now)

    monkeypatch.setattr(composing, "compose", poisoned)
    delivery = desk.build_loop()
    for minute in range(0, 600, 5):
        delivery.tick(utc("2027-01-13 09:00") + timedelta(minutes=minute))
    assert [message.channel_id for message in desk.sender.accepted] == ["C1", "C3"]
    with desk.database.read_only() as session:
        ((entry, _),) = outbox.list_by_state(session, [OutboxState.DEAD], 10)
    assert (entry.reminder.channel_id, entry.error) == ("C2", "could not be composed")


def test_a_zone_that_is_known_no_more_counts_as_utc(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    with desk.database.transaction() as session:
        channel = channels.find(session, "T1", "C1")
        assert channel is not None
        schedule = replace(channel.schedule, zone="Mars/Olympus_Mons")
        channels.save(session, replace(channel, schedule=schedule), utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    delivery.tick(utc("2027-01-13 08:59"))
    assert desk.sender.list_rungs() == []
    delivery.tick(utc("2027-01-13 09:00"))
    assert desk.sender.list_rungs() == [("2027-01-13", 90)]


@dataclass
class SlowWorkspaceSender(RecordingSender):
    """Answers for one workspace only when all others were answered."""

    pending_others: int = 0
    delayed: list["Future[PostOutcome]"] = field(default_factory=list)

    def send(self, message: answers.Message) -> "Future[PostOutcome]":
        if message.workspace_id == "T1" and self.pending_others:
            self.delayed.append(Future())
            return self.delayed[-1]
        done = super().send(message)
        if message.workspace_id != "T1":
            self.pending_others -= 1
            waiting = [] if self.pending_others else self.delayed
            for number, future in enumerate(waiting):
                future.set_result(Accepted(f"9.{number}"))
        return done


def test_a_workspace_that_answers_slowly_holds_up_nobody(desk: Driver) -> None:
    subscribed = utc("2026-12-01 10:00")
    for number in range(30):
        desk.run("subscribe pytorch-2.7", subscribed, Place("T1", f"C{number:02}", "U1"))
    for number in range(2, 22):
        desk.run("subscribe pytorch-2.7", subscribed, Place(f"T{number:02}", "C1", "U1"))
    sender = SlowWorkspaceSender(pending_others=20)
    done = desk.build_loop(sender=sender).tick(utc("2027-01-13 09:00"))
    assert 0 < len(sender.delayed) < 20
    assert done.sent == 50
    with desk.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 50}
