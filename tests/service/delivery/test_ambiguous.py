"""Ambiguous posts are looked up before they are sent again."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.policy.post_outcomes import AmbiguityPolicy, Ambiguous, HistoryUnavailable, Refused, Remedy
from bot.service.place import Place
from storage import outbox
from storage.facts import DLVM, DueRung, Milestone, OutboxState
from tests.service.driver import LOST_ANSWER, PLACE, Driver, utc

DUE = utc("2027-01-13 09:00")
CHANNEL = (PLACE.workspace_id, PLACE.channel_id)
HISTORY_DENIED = HistoryUnavailable("missing_scope", is_permanent=True)


def tick_at(driver: Driver, *seconds: float, on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND) -> None:
    loop = driver.build_loop(on_ambiguous=on_ambiguous)
    for offset in seconds:
        loop.tick(DUE + timedelta(seconds=offset))


def list_duplicate_reasons(driver: Driver) -> list[str]:
    with driver.database.read_only() as session:
        return [duplicate.reason for duplicate in outbox.list_possible_duplicates(session)]


def count_states(driver: Driver) -> dict[OutboxState, int]:
    with driver.database.read_only() as session:
        return outbox.count_by_state(session)


def test_message_with_a_lost_answer_is_found_and_not_resent(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [LOST_ANSWER]
    tick_at(driver, 0, 30)
    assert driver.sender.lookups == 0
    tick_at(driver, 61)
    assert driver.sender.lookups == 1
    assert count_states(driver) == {OutboxState.SENT: 1}
    tick_at(driver, 120, 600)
    assert len(driver.sender.attempted) == 1
    assert list_duplicate_reasons(driver) == []


def test_reminders_of_two_days_share_one_delivery_id(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.run("subscribe base-cu128", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 86_400.0)]
    tick_at(driver, 0)
    with driver.database.transaction() as session:
        outbox.plan_channel(session, *CHANNEL, replace(make_rung(), framework="base", version="base-cu128"))
        entries = outbox.list_for_channel(session, *CHANNEL)
    driver.sender.outcomes = [LOST_ANSWER]
    tick_at(driver, 86_400, 86_461, 86_600, 90_000)
    assert len(entries) > 1
    assert len(driver.sender.accepted) == 1
    assert list_duplicate_reasons(driver) == []


def test_message_that_slack_shows_late_is_found_by_second_lookup(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes, driver.sender.hidden_lookups = [LOST_ANSWER], 1
    tick_at(driver, 0, 61, 122, 200)
    assert (driver.sender.lookups, len(driver.sender.attempted)) == (2, 1)
    assert count_states(driver) == {OutboxState.SENT: 1}


def test_message_missing_in_two_lookups_is_resent_and_recorded(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Ambiguous("HTTP 503")]
    tick_at(driver, 0, 61, 100)
    assert len(driver.sender.attempted) == 1
    tick_at(driver, 122)
    assert (driver.sender.lookups, len(driver.sender.attempted)) == (2, 2)
    assert len({message.delivery_id for message in driver.sender.attempted}) == 1
    assert list_duplicate_reasons(driver) == ["not found in channel history"]


def test_resent_message_is_looked_up_again(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Ambiguous("HTTP 503"), LOST_ANSWER]
    tick_at(driver, *range(0, 900, 61))
    assert (driver.sender.lookups, len(driver.sender.accepted)) == (3, 1)
    assert count_states(driver) == {OutboxState.SENT: 1}


def test_message_is_resent_and_recorded_if_history_is_denied(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes, driver.sender.history_error = [LOST_ANSWER], HISTORY_DENIED
    tick_at(driver, 0, 30, 62)
    assert len(driver.sender.accepted) == 2
    assert list_duplicate_reasons(driver) == ["channel history can't be read: missing_scope"]
    assert count_states(driver) == {OutboxState.SENT: 1}


def test_hold_policy_keeps_messages_for_the_operator(driver: Driver) -> None:
    for channel in ("C1", "C2"):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", channel, "U1"))
    driver.sender.outcomes, driver.sender.history_error = [LOST_ANSWER, LOST_ANSWER], HISTORY_DENIED
    tick_at(driver, 0, 62, 600, on_ambiguous=AmbiguityPolicy.HOLD)
    assert len(driver.sender.accepted) == 2
    with driver.database.transaction() as session:
        first, second = (entry for entry, _ in outbox.list_by_state(session, [OutboxState.HELD], 10))
        assert "can't be read" in first.error
        assert outbox.retry(session, first.entry_id, DUE + timedelta(hours=1))
        assert outbox.drop(session, second.entry_id)
        assert not outbox.drop(session, 999)
    tick_at(driver, 3600, on_ambiguous=AmbiguityPolicy.HOLD)
    assert count_states(driver) == {OutboxState.SENT: 1, OutboxState.SUPERSEDED: 1}
    with driver.database.transaction() as session:
        assert not outbox.retry(session, first.entry_id, DUE)


def test_temporarily_unreadable_history_is_read_again(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes, driver.sender.history_error = (
        [LOST_ANSWER],
        HistoryUnavailable("HTTP 503", is_permanent=False),
    )
    tick_at(driver, 0, 62, 125, 190)
    assert (driver.sender.lookups, len(driver.sender.attempted)) == (3, 1)
    driver.sender.history_error = None
    tick_at(driver, 260)
    assert count_states(driver) == {OutboxState.SENT: 1}
    assert list_duplicate_reasons(driver) == []


def test_clear_refusal_needs_no_lookup(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Refused("ClientConnectorError", Remedy.RETRY)] * 3
    tick_at(driver, *range(0, 900, 30))
    assert driver.sender.lookups == 0
    assert count_states(driver) == {OutboxState.SENT: 1}


def test_entry_of_a_dead_process_is_ambiguous_since_its_claim(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    tick_at(driver, -3600)
    with driver.database.transaction() as session:
        outbox.plan_channel(session, *CHANNEL, make_rung())
        (entry,) = outbox.claim(session, DUE, "dead", DUE + timedelta(seconds=60))
    tick_at(driver, 3 * 86_400)
    assert (driver.sender.lookup_starts, entry.attempt) == ([DUE], 1)
    tick_at(driver, 3 * 86_400 + 61)
    assert len(driver.sender.accepted) == 1


def test_more_urgent_reminder_replaces_an_ambiguous_one(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Ambiguous("HTTP 500")]
    tick_at(driver, 0)
    later = (utc("2027-02-12 09:00") - DUE).total_seconds()
    tick_at(driver, later, later + 61, later + 122, later + 200)
    assert [rung for _, rung in driver.sender.list_rungs()] == [60]
    assert list_duplicate_reasons(driver) == []


def test_answer_after_the_lease_expired_is_recorded(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    other_loop = driver.build_loop("two")

    def let_other_process_take_over() -> None:
        driver.sender.on_send = None
        for seconds in (61, 122, 183):
            other_loop.tick(DUE + timedelta(seconds=seconds))

    driver.sender.on_send = let_other_process_take_over
    driver.build_loop("one").tick(DUE)
    assert "accepted after its lease expired" in list_duplicate_reasons(driver)


@pytest.mark.parametrize("wait", [1.0, 30.0, 86_400.0, 500_000.0])
def test_retry_after_is_obeyed_up_to_a_day(driver: Driver, wait: float) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, wait)]
    expected_wait = min(wait, 86_400.0)
    tick_at(driver, 0)
    tick_at(driver, expected_wait - 2.5 if expected_wait > 3 else 0.0)
    attempts_before = len(driver.sender.attempted)
    tick_at(driver, expected_wait)
    assert len(driver.sender.attempted) == 2
    assert attempts_before == (1 if expected_wait > 3 else 2)


def test_second_rate_limit_pauses_the_whole_workspace(driver: Driver) -> None:
    for number in range(12):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number:02}", "U1"))
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T2", "C1", "U1"))
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 600.0)]
    tick_at(driver, 0)
    assert len(driver.sender.accepted) == 12
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 600.0)] * 2
    for number in range(20, 40):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number:02}", "U1"))
    with driver.database.transaction() as session:
        for number in range(20, 40):
            outbox.plan_channel(session, "T1", f"C{number:02}", make_rung())
    tick_at(driver, 5)
    assert len(driver.sender.accepted) <= 15
    tick_at(driver, 700)
    assert len(driver.sender.accepted) == 33


def make_rung() -> DueRung:
    """Return PyTorch 2.7's rung 90, due at DUE."""
    last_day = utc("2027-04-13 00:00").date()
    return DueRung(
        DLVM, "pytorch", "pytorch-2.7", Milestone.END_OF_AVAILABILITY, last_day, 90, last_day - timedelta(90), DUE
    )
