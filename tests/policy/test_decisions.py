"""Policy of decisions: their end, the limit of a snooze, and moved dates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.policy import decisions, reminders
from storage.facts import DLVM, Decision, DecisionKind, Milestone

AVAILABILITY = Milestone.END_OF_AVAILABILITY
LAST_DAY = date(2027, 4, 13)
WEEKEND = reminders.build_weekly_days_off((5, 6))
MADE_AT = datetime(2027, 1, 13, 9, tzinfo=UTC)


def build_decision(kind: DecisionKind, until: date | None = None) -> Decision:
    return Decision("T1", "C1", DLVM, "pytorch-2.7", kind, "U1", MADE_AT, AVAILABILITY, LAST_DAY, until)


@pytest.mark.parametrize(
    ("today", "ladder", "expected"),
    [
        (date(2027, 1, 13), reminders.DEFAULT_LADDER, (60, date(2027, 2, 12))),
        (date(2027, 2, 11), reminders.DEFAULT_LADDER, (60, date(2027, 2, 12))),
        (date(2027, 2, 12), reminders.DEFAULT_LADDER, (30, date(2027, 3, 12))),
        (date(2027, 4, 9), reminders.DEFAULT_LADDER, (1, date(2027, 4, 12))),
        (date(2027, 4, 12), reminders.DEFAULT_LADDER, (0, LAST_DAY)),
        (LAST_DAY, reminders.DEFAULT_LADDER, None),
        (date(2027, 1, 13), (90, -1), None),
        (date(2027, 1, 13), (), None),
    ],
)
def test_next_rung_is_the_first_after_today_and_never_passed(
    today: date, ladder: tuple[int, ...], expected: tuple[int, date] | None
) -> None:
    assert decisions.find_next_rung(today, LAST_DAY, ladder, WEEKEND) == expected


@pytest.mark.parametrize(
    ("milestone_date", "ladder", "expected"),
    [
        (LAST_DAY, reminders.DEFAULT_LADDER, (1, date(2027, 4, 12))),
        (
            date(2026, 6, 28),
            reminders.DEFAULT_LADDER,
            (0, date(2026, 6, 26)),
        ),  # both fall on Friday, so the last day is kept
        (LAST_DAY, (90, 0), (0, LAST_DAY)),
        (LAST_DAY, (90, -1), (-1, date(2027, 4, 14))),
        (LAST_DAY, (90, 30), None),
    ],
)
def test_acknowledgement_ends_with_the_last_call_or_later(
    milestone_date: date, ladder: tuple[int, ...], expected: tuple[int, date] | None
) -> None:
    assert decisions.find_acknowledgement_end(milestone_date, ladder, WEEKEND) == expected


def test_snooze_ends_on_the_last_working_day_before_the_date() -> None:
    requested = date(2026, 4, 1) + timedelta(days=30)
    assert decisions.clamp_snooze(requested, date(2026, 4, 13), WEEKEND) == date(2026, 4, 10)


@pytest.mark.parametrize(("seconds", "can_undo"), [(0, True), (599, True), (600, False), (86_400, False)])
def test_decision_can_be_undone_for_ten_minutes(seconds: int, *, can_undo: bool) -> None:
    assert decisions.can_undo(build_decision(DecisionKind.MIGRATED), MADE_AT + timedelta(seconds=seconds)) is can_undo


@pytest.mark.parametrize("after", [date(2027, 3, 2), date(2027, 10, 13)])
@pytest.mark.parametrize("today", [date(2027, 1, 20), date(2027, 4, 20)])
def test_owner_is_carried_over_to_any_new_date(after: date, today: date) -> None:
    kept = decisions.carry_over(build_decision(DecisionKind.OWNED), after, today, WEEKEND)
    assert kept is not None
    assert (kept.milestone_date, kept.original_date, kept.kind) == (after, LAST_DAY, DecisionKind.OWNED)


@pytest.mark.parametrize("kind", [DecisionKind.ACKNOWLEDGED, DecisionKind.SNOOZED])
def test_other_decisions_survive_only_a_later_date(kind: DecisionKind) -> None:
    decision = build_decision(kind, date(2027, 4, 1))
    later, before_it, after_it = date(2027, 10, 13), date(2027, 1, 20), date(2027, 4, 14)
    kept = decisions.carry_over(decision, later, before_it, WEEKEND)
    assert kept is not None
    assert (kept.milestone_date, kept.original_date) == (later, LAST_DAY)
    assert decisions.carry_over(decision, later, after_it, WEEKEND) is None
    assert decisions.carry_over(decision, date(2027, 3, 2), before_it, WEEKEND) is None
