"""What is said to come next is what then comes, whatever people decided."""

from datetime import date

import pytest

from bot import answers
from storage.facts import Decision, Milestone, Schedule
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, change_settings, utc

NOW = utc("2026-12-01 10:00")
DATE = ("pytorch-2.7", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13))


def _next(desk: Driver) -> set[tuple[int, str] | None]:
    """The next reminder by everything that tells of one."""
    listed, coming = desk.run("subscriptions", NOW), desk.run("upcoming 1y", NOW)
    assert isinstance(listed, answers.SubscriptionList)
    assert isinstance(coming, answers.Upcoming)
    told = [listed.lines[0].next_reminder, *change_settings(desk, "", NOW).next_reminders[:1], *coming.reminders[:1]]
    told += [] if len(told) == 3 else [None]
    return {(each.rung, str(each.at.date())) if each else None for each in told}


@pytest.fixture
def decisions(desk: Driver) -> DecisionFactory:
    desk.run("subscribe pytorch-2.7", NOW)
    return DecisionFactory(desk.database, Schedule())


def test_nobody_decided_anything(desk: Driver, decisions: DecisionFactory) -> None:
    assert _next(desk) == {(90, "2027-01-13")}


def test_what_was_acknowledged_comes_with_the_last_call(desk: Driver, decisions: DecisionFactory) -> None:
    decisions.acknowledge(*DATE, PLACE, NOW)
    assert _next(desk) == {(1, "2027-04-12")}


def test_what_was_snoozed_comes_back_on_its_day(desk: Driver, decisions: DecisionFactory) -> None:
    decided = decisions.snooze(*DATE, PLACE, NOW, date(2027, 2, 3))
    assert isinstance(decided, Decision)
    assert _next(desk) == {(69, "2027-02-03")}


def test_of_what_was_migrated_nothing_comes(desk: Driver, decisions: DecisionFactory) -> None:
    decisions.migrate("pytorch-2.7", PLACE, NOW)
    assert _next(desk) == {None}
