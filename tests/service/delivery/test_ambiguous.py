"""What Slack may hold is looked for before it is sent again; where it can't be asked, as the operator wants."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.policy.post_outcomes import Ambiguous, NotShown, OnAmbiguous, Refused, Remedy
from bot.service.place import Place
from storage import outbox
from storage.facts import DLVM, Milestone, OutboxState, Rung
from tests.service.driver import LOST, PLACE, Desk, at

DUE = at("2027-01-13 09:00")
DENIED = NotShown("missing_scope", for_good=True)


def ticked(desk: Desk, *seconds: float, on_ambiguous: OnAmbiguous = OnAmbiguous.RESEND) -> None:
    delivery = desk.delivery(on_ambiguous=on_ambiguous)
    for each in seconds:
        delivery.tick(DUE + timedelta(seconds=each))


def repeats(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [repeat.why for repeat in outbox.possible_repeats(session)]


def states(desk: Desk) -> dict[OutboxState, int]:
    with desk.database.reading() as session:
        return outbox.counts(session)


def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [LOST]
    ticked(desk, 0, 30)
    assert desk.sender.looks == 0
    ticked(desk, 61)
    assert desk.sender.looks == 1
    assert states(desk) == {OutboxState.SENT: 1}
    ticked(desk, 120, 600)
    assert len(desk.sender.tried) == 1
    assert repeats(desk) == []


def test_reminders_of_two_days_in_one_message_are_found_by_one_key(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.say("subscribe base-cu128", at("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 86_400.0)]
    ticked(desk, 0)
    with desk.database.transaction() as session:
        outbox.plan_channel(session, *_place(), replace(_rung(), framework="base", version="base-cu128"))
        waiting = outbox.entries(session, *_place())
    desk.sender.outcomes = [LOST]
    ticked(desk, 86_400, 86_461, 86_600, 90_000)
    assert len(waiting) > 1
    assert len(desk.sender.accepted) == 1
    assert repeats(desk) == []


def test_a_message_that_slack_shows_late_is_found_at_the_second_look(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes, desk.sender.hidden = [LOST], 1
    ticked(desk, 0, 61, 122, 200)
    assert (desk.sender.looks, len(desk.sender.tried)) == (2, 1)
    assert states(desk) == {OutboxState.SENT: 1}


def test_a_message_that_two_looks_do_not_show_is_sent_again_under_its_key_and_counted(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [Ambiguous("HTTP 503")]
    ticked(desk, 0, 61, 100)
    assert len(desk.sender.tried) == 1
    ticked(desk, 122)
    assert (desk.sender.looks, len(desk.sender.tried)) == (2, 2)
    assert len({message.delivery_id for message in desk.sender.tried}) == 1
    assert repeats(desk) == ["Slack did not show it"]


def test_a_message_sent_again_is_looked_for_again(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [Ambiguous("HTTP 503"), LOST]
    ticked(desk, *range(0, 900, 61))
    assert (desk.sender.looks, len(desk.sender.accepted)) == (3, 1)
    assert states(desk) == {OutboxState.SENT: 1}


def test_where_the_history_can_not_be_read_it_is_sent_again_and_counted(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes, desk.sender.history = [LOST], DENIED
    ticked(desk, 0, 30, 62)
    assert len(desk.sender.accepted) == 2
    assert repeats(desk) == ["Slack could not be asked: missing_scope"]
    assert states(desk) == {OutboxState.SENT: 1}


def test_or_it_is_held_for_the_operator_who_retries_or_drops_it(desk: Desk) -> None:
    for channel in ("C1", "C2"):
        desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place("T1", channel, "U1"))
    desk.sender.outcomes, desk.sender.history = [LOST, LOST], DENIED
    ticked(desk, 0, 62, 600, on_ambiguous=OnAmbiguous.HOLD)
    assert len(desk.sender.accepted) == 2
    with desk.database.transaction() as session:
        first, second = (entry for entry, _ in outbox.listed(session, [OutboxState.HELD], 10))
        assert "can't be asked" in first.error
        assert outbox.retry(session, first.entry_id, DUE + timedelta(hours=1))
        assert outbox.drop(session, second.entry_id)
        assert not outbox.drop(session, 999)
    ticked(desk, 3600, on_ambiguous=OnAmbiguous.HOLD)
    assert states(desk) == {OutboxState.SENT: 1, OutboxState.SUPERSEDED: 1}
    with desk.database.transaction() as session:
        assert not outbox.retry(session, first.entry_id, DUE)


def test_a_history_that_can_not_be_read_just_now_is_asked_again(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes, desk.sender.history = [LOST], NotShown("HTTP 503", for_good=False)
    ticked(desk, 0, 62, 125, 190)
    assert (desk.sender.looks, len(desk.sender.tried)) == (3, 1)
    desk.sender.history = None
    ticked(desk, 260)
    assert states(desk) == {OutboxState.SENT: 1}
    assert repeats(desk) == []


def test_a_clean_refusal_leaves_nothing_to_look_for(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ClientConnectorError", Remedy.RETRY)] * 3
    ticked(desk, *range(0, 900, 30))
    assert desk.sender.looks == 0
    assert states(desk) == {OutboxState.SENT: 1}


def test_what_a_dead_process_left_is_unsure_since_its_claim(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    ticked(desk, -3600)
    with desk.database.transaction() as session:
        outbox.plan_channel(session, *_place(), _rung())
        (entry,) = outbox.claim(session, DUE, "dead", DUE + timedelta(seconds=60))
    ticked(desk, 3 * 86_400)
    assert (desk.sender.asked_since, entry.attempt) == ([DUE], 1)
    ticked(desk, 3 * 86_400 + 61)
    assert len(desk.sender.accepted) == 1


def test_a_nearer_reminder_outdoes_one_that_slack_does_not_show(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [Ambiguous("HTTP 500")]
    ticked(desk, 0)
    later = (at("2027-02-12 09:00") - DUE).total_seconds()
    ticked(desk, later, later + 61, later + 122, later + 200)
    assert [rung for _, rung in desk.sender.rungs()] == [60]
    assert repeats(desk) == []


def test_an_answer_after_the_lease_had_run_out_is_counted(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    other = desk.delivery("two")

    def another_takes_over() -> None:
        desk.sender.during = None
        for seconds in (61, 122, 183):
            other.tick(DUE + timedelta(seconds=seconds))

    desk.sender.during = another_takes_over
    desk.delivery("one").tick(DUE)
    assert "accepted after its lease had run out" in repeats(desk)


@pytest.mark.parametrize("wait", [1.0, 30.0, 86_400.0, 500_000.0])
def test_a_wait_that_slack_names_is_obeyed_up_to_a_day(desk: Desk, wait: float) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, wait)]
    named = min(wait, 86_400.0)
    ticked(desk, 0)
    ticked(desk, named - 2.5 if named > 3 else 0.0)
    tried = len(desk.sender.tried)
    ticked(desk, named)
    assert len(desk.sender.tried) == 2
    assert tried == (1 if named > 3 else 2)


def test_the_channel_waits_first_and_the_whole_workspace_at_a_second_complaint(desk: Desk) -> None:
    for number in range(12):
        desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place("T1", f"C{number:02}", "U1"))
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place("T2", "C1", "U1"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 600.0)]
    ticked(desk, 0)
    assert len(desk.sender.accepted) == 12
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 600.0)] * 2
    for number in range(20, 40):
        desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"), Place("T1", f"C{number:02}", "U1"))
    with desk.database.transaction() as session:
        for number in range(20, 40):
            outbox.plan_channel(session, "T1", f"C{number:02}", _rung())
    ticked(desk, 5)
    assert len(desk.sender.accepted) <= 15
    ticked(desk, 700)
    assert len(desk.sender.accepted) == 33


def _place() -> tuple[str, str]:
    return PLACE.workspace_id, PLACE.channel_id


def _rung() -> Rung:
    """The rung 90 of PyTorch 2.7's last day, due now."""
    last_day = at("2027-04-13 00:00").date()
    return Rung(
        DLVM, "pytorch", "pytorch-2.7", Milestone.END_OF_AVAILABILITY, last_day, 90, last_day - timedelta(90), DUE
    )
