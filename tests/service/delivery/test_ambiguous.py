"""What Slack may hold is looked for before it is sent again; where it can't be asked, as the operator wants."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.policy.post_outcomes import AmbiguityPolicy, Ambiguous, HistoryUnavailable, Refused, Remedy
from bot.service.place import Place
from storage import outbox
from storage.facts import DLVM, DueRung, Milestone, OutboxState
from tests.service.driver import LOST_ANSWER, PLACE, Driver, utc

DUE = utc("2027-01-13 09:00")
DENIED = HistoryUnavailable("missing_scope", is_permanent=True)


def ticked(desk: Driver, *seconds: float, on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND) -> None:
    delivery = desk.build_loop(on_ambiguous=on_ambiguous)
    for each in seconds:
        delivery.tick(DUE + timedelta(seconds=each))


def repeats(desk: Driver) -> list[str]:
    with desk.database.read_only() as session:
        return [repeat.reason for repeat in outbox.list_possible_duplicates(session)]


def states(desk: Driver) -> dict[OutboxState, int]:
    with desk.database.read_only() as session:
        return outbox.count_by_state(session)


def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [LOST_ANSWER]
    ticked(desk, 0, 30)
    assert desk.sender.lookups == 0
    ticked(desk, 61)
    assert desk.sender.lookups == 1
    assert states(desk) == {OutboxState.SENT: 1}
    ticked(desk, 120, 600)
    assert len(desk.sender.attempted) == 1
    assert repeats(desk) == []


def test_reminders_of_two_days_in_one_message_are_found_by_one_key(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.run("subscribe base-cu128", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 86_400.0)]
    ticked(desk, 0)
    with desk.database.transaction() as session:
        outbox.plan_channel(session, *_place(), replace(_rung(), framework="base", version="base-cu128"))
        waiting = outbox.list_for_channel(session, *_place())
    desk.sender.outcomes = [LOST_ANSWER]
    ticked(desk, 86_400, 86_461, 86_600, 90_000)
    assert len(waiting) > 1
    assert len(desk.sender.accepted) == 1
    assert repeats(desk) == []


def test_a_message_that_slack_shows_late_is_found_at_the_second_look(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes, desk.sender.hidden_lookups = [LOST_ANSWER], 1
    ticked(desk, 0, 61, 122, 200)
    assert (desk.sender.lookups, len(desk.sender.attempted)) == (2, 1)
    assert states(desk) == {OutboxState.SENT: 1}


def test_a_message_that_two_looks_do_not_show_is_sent_again_under_its_key_and_counted(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Ambiguous("HTTP 503")]
    ticked(desk, 0, 61, 100)
    assert len(desk.sender.attempted) == 1
    ticked(desk, 122)
    assert (desk.sender.lookups, len(desk.sender.attempted)) == (2, 2)
    assert len({message.delivery_id for message in desk.sender.attempted}) == 1
    assert repeats(desk) == ["Slack did not show it"]


def test_a_message_sent_again_is_looked_for_again(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Ambiguous("HTTP 503"), LOST_ANSWER]
    ticked(desk, *range(0, 900, 61))
    assert (desk.sender.lookups, len(desk.sender.accepted)) == (3, 1)
    assert states(desk) == {OutboxState.SENT: 1}


def test_where_the_history_can_not_be_read_it_is_sent_again_and_counted(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes, desk.sender.history_error = [LOST_ANSWER], DENIED
    ticked(desk, 0, 30, 62)
    assert len(desk.sender.accepted) == 2
    assert repeats(desk) == ["Slack could not be asked: missing_scope"]
    assert states(desk) == {OutboxState.SENT: 1}


def test_or_it_is_held_for_the_operator_who_retries_or_drops_it(desk: Driver) -> None:
    for channel in ("C1", "C2"):
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", channel, "U1"))
    desk.sender.outcomes, desk.sender.history_error = [LOST_ANSWER, LOST_ANSWER], DENIED
    ticked(desk, 0, 62, 600, on_ambiguous=AmbiguityPolicy.HOLD)
    assert len(desk.sender.accepted) == 2
    with desk.database.transaction() as session:
        first, second = (entry for entry, _ in outbox.list_by_state(session, [OutboxState.HELD], 10))
        assert "can't be asked" in first.error
        assert outbox.retry(session, first.entry_id, DUE + timedelta(hours=1))
        assert outbox.drop(session, second.entry_id)
        assert not outbox.drop(session, 999)
    ticked(desk, 3600, on_ambiguous=AmbiguityPolicy.HOLD)
    assert states(desk) == {OutboxState.SENT: 1, OutboxState.SUPERSEDED: 1}
    with desk.database.transaction() as session:
        assert not outbox.retry(session, first.entry_id, DUE)


def test_a_history_that_can_not_be_read_just_now_is_asked_again(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes, desk.sender.history_error = [LOST_ANSWER], HistoryUnavailable("HTTP 503", is_permanent=False)
    ticked(desk, 0, 62, 125, 190)
    assert (desk.sender.lookups, len(desk.sender.attempted)) == (3, 1)
    desk.sender.history_error = None
    ticked(desk, 260)
    assert states(desk) == {OutboxState.SENT: 1}
    assert repeats(desk) == []


def test_a_clean_refusal_leaves_nothing_to_look_for(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ClientConnectorError", Remedy.RETRY)] * 3
    ticked(desk, *range(0, 900, 30))
    assert desk.sender.lookups == 0
    assert states(desk) == {OutboxState.SENT: 1}


def test_what_a_dead_process_left_is_unsure_since_its_claim(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    ticked(desk, -3600)
    with desk.database.transaction() as session:
        outbox.plan_channel(session, *_place(), _rung())
        (entry,) = outbox.claim(session, DUE, "dead", DUE + timedelta(seconds=60))
    ticked(desk, 3 * 86_400)
    assert (desk.sender.lookup_starts, entry.attempt) == ([DUE], 1)
    ticked(desk, 3 * 86_400 + 61)
    assert len(desk.sender.accepted) == 1


def test_a_nearer_reminder_outdoes_one_that_slack_does_not_show(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Ambiguous("HTTP 500")]
    ticked(desk, 0)
    later = (utc("2027-02-12 09:00") - DUE).total_seconds()
    ticked(desk, later, later + 61, later + 122, later + 200)
    assert [rung for _, rung in desk.sender.list_rungs()] == [60]
    assert repeats(desk) == []


def test_an_answer_after_the_lease_had_run_out_is_counted(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    other = desk.build_loop("two")

    def another_takes_over() -> None:
        desk.sender.on_send = None
        for seconds in (61, 122, 183):
            other.tick(DUE + timedelta(seconds=seconds))

    desk.sender.on_send = another_takes_over
    desk.build_loop("one").tick(DUE)
    assert "accepted after its lease had run out" in repeats(desk)


@pytest.mark.parametrize("wait", [1.0, 30.0, 86_400.0, 500_000.0])
def test_a_wait_that_slack_names_is_obeyed_up_to_a_day(desk: Driver, wait: float) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, wait)]
    named = min(wait, 86_400.0)
    ticked(desk, 0)
    ticked(desk, named - 2.5 if named > 3 else 0.0)
    tried = len(desk.sender.attempted)
    ticked(desk, named)
    assert len(desk.sender.attempted) == 2
    assert tried == (1 if named > 3 else 2)


def test_the_channel_waits_first_and_the_whole_workspace_at_a_second_complaint(desk: Driver) -> None:
    for number in range(12):
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number:02}", "U1"))
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T2", "C1", "U1"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 600.0)]
    ticked(desk, 0)
    assert len(desk.sender.accepted) == 12
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 600.0)] * 2
    for number in range(20, 40):
        desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number:02}", "U1"))
    with desk.database.transaction() as session:
        for number in range(20, 40):
            outbox.plan_channel(session, "T1", f"C{number:02}", _rung())
    ticked(desk, 5)
    assert len(desk.sender.accepted) <= 15
    ticked(desk, 700)
    assert len(desk.sender.accepted) == 33


def _place() -> tuple[str, str]:
    return PLACE.workspace_id, PLACE.channel_id


def _rung() -> DueRung:
    """The rung 90 of PyTorch 2.7's last day, due now."""
    last_day = utc("2027-04-13 00:00").date()
    return DueRung(
        DLVM, "pytorch", "pytorch-2.7", Milestone.END_OF_AVAILABILITY, last_day, 90, last_day - timedelta(90), DUE
    )
