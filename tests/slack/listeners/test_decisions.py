"""People decide on reminders: signed presses, truthful answers, the message drawn anew, and ten minutes to undo."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.answers import UserGroup
from bot.sandbox.block_kit.validate import check_message
from storage import subscriptions
from storage.database import Database
from storage.facts import DecisionKind
from tests.service.driver import utc
from tests.slack.button_driver import VALUE, VERSION, ReminderChannel, build_reminded_channel

SECONDS, MINUTES, DAYS = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
ONE_VALUE = {"selected_option": {"value": "pytorch-2.9"}}
TICKED = {"selected_options": [{"value": "watch"}]}


@pytest.fixture
def channel(database: Database) -> ReminderChannel:
    """On each of the two engines in turn."""
    return build_reminded_channel(database)


@pytest.fixture
def lone(sqlite_database: Database) -> ReminderChannel:
    """On SQLite alone, for what no engine can change."""
    return build_reminded_channel(sqlite_database)


def text_of(view_answer: dict[str, object]) -> str:
    """What the modal says once something was submitted."""
    assert view_answer["response_action"] == "update"
    return str(view_answer["view"])


def test_an_acknowledgement_is_answered_and_drawn_at_once_and_closed_ten_minutes_later(
    channel: ReminderChannel,
) -> None:
    assert channel.list_action_ids() == [
        "migrated",
        "acknowledge",
        "snooze",
        "own",
        "successor",
        "status",
        "unsubscribe",
    ]
    answer = channel.press("acknowledge", user="U7")
    assert "<@U7> acknowledged this (13 Jan 2027). Next reminder: the last call on 12 Apr 2027." in answer
    assert channel.wakes == [channel.now]
    assert channel.list_pending_updates() == ["closing", "correction"]
    channel.tick(2 * SECONDS)
    assert [ts for ts, _ in channel.desk.sender.updated] == ["1.000100"]
    assert "<@U7> acknowledged this (13 Jan 2027)" in channel.render_message()["text"]
    assert check_message(channel.render_message()) == ()
    assert "undo_acknowledged" in channel.list_action_ids()
    assert "acknowledge" not in channel.list_action_ids()
    channel.tick(10 * MINUTES)
    assert len(channel.desk.sender.updated) == 2
    assert "undo_acknowledged" not in channel.list_action_ids()
    assert "<@U7> acknowledged this" in channel.render_message()["text"]
    assert [(c.actor, c.action) for c in channel.list_audit_entries()] == [("U7", "acknowledge")]


def test_it_is_quiet_until_the_last_call_which_offers_only_what_makes_sense(lone: ReminderChannel) -> None:
    lone.press("acknowledge")
    for _ in range(95):
        lone.tick(DAYS)
    assert [rung for _, rung in lone.desk.sender.list_rungs()] == [90, 1, 0, -1]
    lone.desk.sender.updated.clear()
    assert lone.list_action_ids() == ["migrated", "own", "successor", "status", "unsubscribe"]
    assert "is left to silence" in lone.press("acknowledge")


def test_two_people_one_after_the_other_both_hear_the_truth(lone: ReminderChannel) -> None:
    lone.press("acknowledge", user="UANA")
    lone.now += 3 * SECONDS
    assert "<@UANA> acknowledged this 3 seconds ago" in lone.press("acknowledge", user="UBO")
    lone.now += 2 * MINUTES
    assert "You acknowledged this 2 minutes ago" in lone.press("acknowledge", user="UANA")
    assert [d.decided_by for d in lone.list_decisions()] == ["UANA"]
    assert len(lone.list_audit_entries()) == 1


def test_two_people_at_the_same_moment_both_hear_the_truth(channel: ReminderChannel) -> None:
    people = [f"U{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda user: channel.press("acknowledge", user=user), people))
    (only,) = channel.list_decisions()
    answers = [message["text"] for _, message, _ in channel.slack.clients.replies]
    first = [text for text in answers if "You can undo this" in text]
    assert len(first) == 1
    assert sum(f"<@{only.decided_by}> acknowledged this just now" in text for text in answers) == 3


def test_undo_in_time_brings_back_what_it_had_replaced(channel: ReminderChannel) -> None:
    assert "<@U1> snoozed this on 13 Jan 2027 until 20 Jan 2027." in channel.snooze("week")
    channel.now += MINUTES
    assert "This replaces: <@U1> snoozed this" in channel.press("acknowledge", user="U2")
    channel.now += 9 * MINUTES
    answer = channel.press("undo_acknowledged", user="U3")
    assert "Undone: <@U2> acknowledged this" in answer
    assert "In force again: <@U1> snoozed this on 13 Jan 2027 until 20 Jan 2027." in answer
    assert [d.kind for d in channel.list_decisions()] == [DecisionKind.SNOOZED]
    channel.tick(2 * SECONDS)
    assert "<@U1> snoozed this" in channel.render_message()["text"]
    assert "acknowledged" not in channel.render_message()["text"]
    for _ in range(8):
        channel.tick(DAYS)
    assert [rung for _, rung in channel.desk.sender.list_rungs()] == [90, 83]
    assert channel.desk.sender.accepted[-1].lines[0].is_snooze_over
    assert [c.action for c in channel.list_audit_entries()] == ["undo", "acknowledge", "snooze"]
    assert channel.list_audit_entries()[0].actor == "U3"


def test_undo_out_of_time_changes_nothing_and_says_what_else_there_is(lone: ReminderChannel) -> None:
    lone.press("acknowledge", user="U2")
    lone.now += 10 * MINUTES
    answer = lone.press("undo_acknowledged")
    assert "<@U2> acknowledged this 10 minutes ago. You can only undo it for 10 minutes." in answer
    assert "*Snooze*" in answer
    assert len(lone.list_decisions()) == 1
    lone.snooze("week")
    assert "That is no longer in force." in lone.press("undo_acknowledged")
    lone.press("undo_snoozed")
    assert [d.kind for d in lone.list_decisions()] == [DecisionKind.ACKNOWLEDGED]
    assert "This was already undone" in lone.press("undo_owned")


def test_a_snooze_that_is_taken_back_does_not_come_back_either(lone: ReminderChannel) -> None:
    lone.snooze("week")
    assert "Reminders about this date resume." in lone.press("undo_snoozed")
    for _ in range(31):
        lone.tick(DAYS)
    assert [rung for _, rung in lone.desk.sender.list_rungs()] == [90, 60]


def test_a_snooze_until_the_next_reminder_ends_with_it(lone: ReminderChannel) -> None:
    assert "until 12 Feb 2027" in lone.snooze("next")
    for _ in range(31):
        lone.tick(DAYS)
    assert [rung for _, rung in lone.desk.sender.list_rungs()] == [90, 60]


def test_a_snooze_is_clamped_and_says_so(sqlite_database: Database) -> None:
    late = build_reminded_channel(sqlite_database, "2027-04-09 09:00")
    assert "until 12 Apr 2027, the last working day before the date" in late.snooze("week")
    late.now = utc("2027-04-12 10:00")
    assert "No working day is left before 13 Apr 2027" in late.snooze("week")
    assert "No working day is left before 13 Apr 2027" in late.snooze("next")
    assert "No reminder about 13 Apr 2027 is left to silence" in late.press("acknowledge")
    assert [d.kind for d in late.list_decisions()] == [DecisionKind.SNOOZED]


def test_who_has_migrated_says_where_to_and_hears_no_more(channel: ReminderChannel) -> None:
    assert channel.press("migrated") == ""
    (view,) = channel.slack.clients.views
    menu, tick = (block["element"] for block in view["blocks"][1:])
    assert menu["initial_option"]["value"] == "pytorch-2.9"
    assert tick["initial_options"]
    assert channel.list_options("migrated_to", "pytorch 2.9") == ["pytorch-2.9"]
    offered = channel.list_options("migrated_to", "")  # nothing that is over by then
    assert offered == ["base-cu129", "pytorch-2.9", "base-cu128", "pytorch-2.7"]
    answer = text_of(channel.submit({"migrated_to": ONE_VALUE, "watch": TICKED}, user="U5"))
    assert "<@U5> marked this as migrated to PyTorch 2.9 (13 Jan 2027)" in answer
    assert "This channel is now subscribed to PyTorch 2.9." in answer
    with channel.desk.database.read_only() as session:
        assert [s.target for s in subscriptions.list_for_channel(session, "T1", "C1")] == ["pytorch-2.7", "pytorch-2.9"]
    channel.tick(2 * SECONDS)
    assert "<@U5> marked this as migrated to PyTorch 2.9" in channel.render_message()["text"]
    assert channel.list_action_ids() == ["successor", "status", "unsubscribe", "undo_migrated"]
    assert "<@U5> marked this channel as migrated" in channel.press("acknowledge")
    for _ in range(95):
        channel.tick(DAYS)
    assert [rung for _, rung in channel.desk.sender.list_rungs()] == [90]
    assert "/dlvm subscribe" in channel.press("undo_migrated")
    channel.desk.run(f"subscribe {VERSION}", channel.now)
    assert channel.list_decisions() == ()
    assert [c.action for c in channel.list_audit_entries()] == ["undo", "subscribe", "migrate"]


def test_a_migration_can_be_taken_back_and_both_who_say_so_hear_the_truth(lone: ReminderChannel) -> None:
    lone.press("migrated")
    lone.submit({"migrated_to": ONE_VALUE, "watch": {"selected_options": []}}, user="UANA")
    lone.now += 3 * SECONDS
    again = text_of(lone.submit({"migrated_to": ONE_VALUE, "watch": {"selected_options": []}}, user="UBO"))
    assert "<@UANA> marked this channel as migrated 3 seconds ago" in again
    elsewhere = text_of(lone.submit({"migrated_to": {"selected_option": None}, "watch": TICKED}, user="UBO"))
    assert "This replaces: <@UANA> marked this as migrated to PyTorch 2.9" in elsewhere
    lone.press("undo_migrated")
    assert [d.migrated_to for d in lone.list_decisions()] == ["pytorch-2.9"]
    lone.press("undo_migrated")
    assert lone.list_decisions() == ()


def test_a_version_that_is_not_there_is_no_place_to_go(lone: ReminderChannel) -> None:
    lone.press("migrated")
    for forged in ("pytorch-9.9", VERSION, "<!channel>"):
        said = text_of(lone.submit({"migrated_to": {"selected_option": {"value": forged}}, "watch": TICKED}))
        assert "Nothing was changed" in said
        assert "<!channel>" not in said
    assert lone.list_decisions() == ()


def test_an_owner_is_named_in_what_comes_beside_other_decisions(channel: ReminderChannel) -> None:
    channel.press("own")
    assert [block.get("block_id") for block in channel.slack.clients.views[-1]["blocks"]][1:] == ["owner_person"]
    assert "Owner: <@U42>, assigned by <@U1>" in text_of(channel.submit({"owner_person": {"selected_user": "U42"}}))
    channel.tick(2 * SECONDS)
    assert "Owner: <@U42>" in channel.render_message()["text"]
    for _ in range(31):
        channel.tick(DAYS)
    channel.desk.sender.updated.clear()
    assert [rung for _, rung in channel.desk.sender.list_rungs()] == [90, 60]
    assert "Owner: <@U42>, assigned by <@U1> (13 Jan 2027)." in channel.render_message()["text"]


def test_a_user_group_can_own_it_where_groups_can_be_read(lone: ReminderChannel) -> None:
    lone.user_groups = (UserGroup("S1", "ml-platform", "ML <Platform>"), UserGroup("S2", "web", "Web"))
    lone.press("own")
    assert lone.list_options("owner_group", "PLAT") == ["S1"]
    said = text_of(lone.submit({"owner_person": {}, "owner_group": {"selected_option": {"value": "S1"}}}))
    assert "<!subteam^S1>" in said
    lone.now += MINUTES
    lone.submit({"owner_person": {"selected_user": "U2"}})
    assert [d.owner for d in lone.list_decisions()] == ["U2"]
    assert "In force again: Owner: <!subteam^S1>" in lone.press("undo_owned")


@pytest.mark.parametrize(
    "values",
    [
        {"owner_person": {}},
        {"owner_person": {"selected_user": "<!channel>"}},
        {"owner_person": {}, "owner_group": {"selected_option": {"value": "U1"}}},
        {"owner_person": {"selected_user": "U2"}, "owner_group": {"selected_option": {"value": "S1"}}},
    ],
)
def test_who_is_no_owner_is_asked_for_again(lone: ReminderChannel, values: dict[str, object]) -> None:
    lone.press("own")
    answer = lone.submit(values)
    assert set(answer["errors"]) == {"owner_person"}
    assert lone.list_decisions() == ()


FORGED = [
    "", "x", "pytorch-2.7", "pytorch-9.9|end_of_availability|2027-04-13", "pytorch-2.7|end_of_availability|2027-04-14",
    "pytorch-2.7|end_of_availability|2027-02-30", "pytorch-2.7|support|2027-04-13", "<!channel>|a|b",
    "pytorch-2.7|end_of_patch_and_support|2027-04-13", "pytorch-2.9|end_of_availability|2028-08-04",
]  # fmt: skip


@pytest.mark.parametrize("value", FORGED)
def test_forged_values_change_nothing(lone: ReminderChannel, value: str) -> None:
    for answer in (
        lone.press("acknowledge", value),
        lone.snooze("week", value),
        lone.press("undo_migrated", value),
        lone.snooze("for ever"),
    ):
        assert "Nothing was changed" in answer
        assert "<!channel>" not in answer
    lone.press("migrated", value)
    lone.press("own", VALUE)
    for metadata in (f"C1|1.000100|{value}", f"../C1|1.000100|{VALUE}", f"C9|1.000100|{VALUE}", ""):
        said = text_of(lone.submit({"owner_person": {"selected_user": "U2"}}, metadata=metadata))
        assert "Nothing was changed" in said
    assert (lone.list_decisions(), lone.list_audit_entries(), lone.list_pending_updates()) == ((), [], [])


def test_a_message_that_is_not_ours_is_not_drawn_but_the_decision_holds(lone: ReminderChannel) -> None:
    lone.press("acknowledge", ts="99.000100")
    assert (len(lone.list_decisions()), lone.list_pending_updates()) == (1, [])


def test_who_may_not_change_the_channel_is_told_so(lone: ReminderChannel) -> None:
    lone.refusal = "Only <admins> may change this channel."
    for answer in (lone.press("acknowledge"), lone.press("migrated"), lone.press("own")):
        assert answer == "Only &lt;admins&gt; may change this channel."
    assert (lone.list_decisions(), lone.slack.clients.views) == ((), [])


def test_one_date_for_both_milestones_is_decided_at_once(sqlite_database: Database) -> None:
    both = build_reminded_channel(sqlite_database, "2028-05-05 09:00", "pytorch-2.9")
    value = "pytorch-2.9|end_of_patch_and_support|2028-08-04"
    both.press("acknowledge", value)
    assert len(both.list_decisions()) == 2
    both.tick(2 * SECONDS)
    assert both.render_message()["text"].count("acknowledged this") == 1
    both.press("undo_acknowledged", value)
    assert both.list_decisions() == ()
