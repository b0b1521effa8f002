"""Faults of one message, channel or workspace don't affect others, and lose nothing."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy.post_outcomes import Accepted, PostOutcome, Refused, Remedy
from bot.service.place import Place
from bot.service.reminders import compose
from storage import channels, outbox
from storage.facts import OutboxEntry, OutboxState
from tests.service.driver import Driver, RecordingSender, utc


def test_unknown_refusals_end_after_twelve_attempts(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Refused("unheard_of", Remedy.UNKNOWN)] * 50
    loop = driver.build_loop()
    for minute in range(0, 600, 5):
        loop.tick(utc("2027-01-13 09:00") + timedelta(minutes=minute))
    assert len(driver.sender.attempted) == 12


def test_day_without_network_loses_nothing(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.workspace_outcomes = {"T1": Refused("ClientConnectorError", Remedy.RETRY)}
    loop = driver.build_loop()
    for minute in range(0, 24 * 60, 5):
        loop.tick(utc("2027-01-13 09:00") + timedelta(minutes=minute))
    assert len(driver.sender.attempted) > 50
    driver.sender.workspace_outcomes = {}
    loop.tick(utc("2027-01-14 09:20"))
    assert driver.sender.list_rungs() == [("2027-01-14", 90)]
    assert driver.sender.accepted[0].lines[0].is_late


def test_channel_that_fails_to_compose_stops_no_other(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    for channel in ("C1", "C2", "C3"):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", channel, "U1"))
    original = compose.compose

    def fail_for_one_channel(
        entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> compose.Composition:
        if context.channel.channel_id == "C2":
            raise ZeroDivisionError
        return original(entries, context, now)

    monkeypatch.setattr(compose, "compose", fail_for_one_channel)
    loop = driver.build_loop()
    for minute in range(0, 600, 5):
        loop.tick(utc("2027-01-13 09:00") + timedelta(minutes=minute))
    assert [message.channel_id for message in driver.sender.accepted] == ["C1", "C3"]
    with driver.database.read_only() as session:
        ((entry, _),) = outbox.list_by_state(session, [OutboxState.DEAD], 10)
    assert (entry.reminder.channel_id, entry.error) == ("C2", "could not be composed")


def test_unknown_time_zone_counts_as_utc(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    with driver.database.transaction() as session:
        channel = channels.find(session, "T1", "C1")
        assert channel is not None
        schedule = replace(channel.schedule, zone="Mars/Olympus_Mons")
        channels.save(session, replace(channel, schedule=schedule), utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    loop.tick(utc("2027-01-13 08:59"))
    assert driver.sender.list_rungs() == []
    loop.tick(utc("2027-01-13 09:00"))
    assert driver.sender.list_rungs() == [("2027-01-13", 90)]


@dataclass
class SlowWorkspaceSender(RecordingSender):
    """Delays the answers for T1 until all other workspaces are answered."""

    pending_others: int = 0
    delayed: list["Future[PostOutcome]"] = field(default_factory=list)

    def send(self, message: answers.Message) -> "Future[PostOutcome]":
        if message.workspace_id == "T1" and self.pending_others:
            self.delayed.append(Future())
            return self.delayed[-1]
        future = super().send(message)
        if message.workspace_id != "T1":
            self.pending_others -= 1
            released = [] if self.pending_others else self.delayed
            for number, delayed in enumerate(released):
                delayed.set_result(Accepted(f"9.{number}"))
        return future


def test_slow_workspace_delays_no_other(driver: Driver) -> None:
    subscribed_at = utc("2026-12-01 10:00")
    for number in range(30):
        driver.run("subscribe pytorch-2.7", subscribed_at, Place("T1", f"C{number:02}", "U1"))
    for number in range(2, 22):
        driver.run("subscribe pytorch-2.7", subscribed_at, Place(f"T{number:02}", "C1", "U1"))
    sender = SlowWorkspaceSender(pending_others=20)
    result = driver.build_loop(sender=sender).tick(utc("2027-01-13 09:00"))
    assert 0 < len(sender.delayed) < 20
    assert result.sent == 50
    with driver.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 50}
