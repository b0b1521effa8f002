"""Decisions on reminders: buttons, forms, answers, updates of the message and undo."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.answers import UserGroup
from bot.sandbox.block_kit.validate import check_message
from bot.slack.listeners.requests import ChannelAccess
from storage import subscriptions
from storage.database import Database
from storage.facts import DecisionKind
from tests.service.driver import utc
from tests.slack.button_driver import VALUE, VERSION, ReminderChannel, build_reminded_channel

SECONDS, MINUTES, DAYS = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
SUCCESSOR = {"selected_option": {"value": "pytorch-2.9"}}
SUBSCRIBE = {"selected_options": [{"value": "watch"}]}


@pytest.fixture
def channel(database: Database) -> ReminderChannel:
    """Build a channel on each database engine."""
    return build_reminded_channel(database)


@pytest.fixture
def sqlite_channel(sqlite_database: Database) -> ReminderChannel:
    """Build a channel on SQLite, for tests that don't depend on the engine."""
    return build_reminded_channel(sqlite_database)


def get_view(answer: dict[str, object]) -> str:
    """Return the view that replaces a submitted modal, as text."""
    assert answer["response_action"] == "update"
    return str(answer["view"])


def test_acknowledgement_updates_the_message_and_expires_undo(
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
    assert channel.list_pending_updates() == ["correction", "undo_expired"]
    channel.tick(2 * SECONDS)
    assert [ts for ts, _ in channel.driver.sender.updated] == ["1.000100"]
    assert "<@U7> acknowledged this (13 Jan 2027)" in channel.render_message()["text"]
    assert check_message(channel.render_message()) == ()
    assert "undo_acknowledged" in channel.list_action_ids()
    assert "acknowledge" not in channel.list_action_ids()
    channel.tick(10 * MINUTES)
    assert len(channel.driver.sender.updated) == 2
    assert "undo_acknowledged" not in channel.list_action_ids()
    assert "<@U7> acknowledged this" in channel.render_message()["text"]
    assert [(c.actor, c.action) for c in channel.list_audit_entries()] == [("U7", "acknowledge")]


def test_acknowledgement_silences_reminders_until_the_last(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("acknowledge")
    for _ in range(95):
        sqlite_channel.tick(DAYS)
    assert [rung for _, rung in sqlite_channel.driver.sender.list_rungs()] == [90, 1, 0, -1]
    sqlite_channel.driver.sender.updated.clear()
    assert sqlite_channel.list_action_ids() == ["migrated", "own", "successor", "status", "unsubscribe"]
    assert "is left to silence" in sqlite_channel.press("acknowledge")


def test_second_person_learns_who_acknowledged_first(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("acknowledge", user="UANA")
    sqlite_channel.now += 3 * SECONDS
    assert "<@UANA> acknowledged this 3 seconds ago" in sqlite_channel.press("acknowledge", user="UBO")
    sqlite_channel.now += 2 * MINUTES
    assert "You acknowledged this 2 minutes ago" in sqlite_channel.press("acknowledge", user="UANA")
    assert [d.decided_by for d in sqlite_channel.list_decisions()] == ["UANA"]
    assert len(sqlite_channel.list_audit_entries()) == 1


def test_simultaneous_presses_record_one_decision(channel: ReminderChannel) -> None:
    people = [f"U{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda user: channel.press("acknowledge", user=user), people))
    (decision,) = channel.list_decisions()
    answers = [message["text"] for _, message, _ in channel.slack.clients.replies]
    assert sum("You can undo this" in text for text in answers) == 1
    assert sum(f"<@{decision.decided_by}> acknowledged this just now" in text for text in answers) == 3


def test_undo_restores_the_replaced_decision(channel: ReminderChannel) -> None:
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
    assert [rung for _, rung in channel.driver.sender.list_rungs()] == [90, 83]
    assert channel.driver.sender.accepted[-1].lines[0].is_snooze_over
    assert [c.action for c in channel.list_audit_entries()] == ["undo", "acknowledge", "snooze"]
    assert channel.list_audit_entries()[0].actor == "U3"


def test_late_undo_changes_nothing_and_suggests_alternatives(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("acknowledge", user="U2")
    sqlite_channel.now += 10 * MINUTES
    answer = sqlite_channel.press("undo_acknowledged")
    assert "<@U2> acknowledged this 10 minutes ago. You can only undo it for 10 minutes." in answer
    assert "*Snooze*" in answer
    assert len(sqlite_channel.list_decisions()) == 1
    sqlite_channel.snooze("week")
    assert "That is no longer in force." in sqlite_channel.press("undo_acknowledged")
    sqlite_channel.press("undo_snoozed")
    assert [d.kind for d in sqlite_channel.list_decisions()] == [DecisionKind.ACKNOWLEDGED]
    assert "This was already undone" in sqlite_channel.press("undo_owned")


def test_undone_snooze_sends_no_extra_reminder(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.snooze("week")
    assert "Reminders about this date resume." in sqlite_channel.press("undo_snoozed")
    for _ in range(31):
        sqlite_channel.tick(DAYS)
    assert [rung for _, rung in sqlite_channel.driver.sender.list_rungs()] == [90, 60]


def test_snooze_until_the_next_reminder_ends_with_it(sqlite_channel: ReminderChannel) -> None:
    assert "until 12 Feb 2027" in sqlite_channel.snooze("next")
    for _ in range(31):
        sqlite_channel.tick(DAYS)
    assert [rung for _, rung in sqlite_channel.driver.sender.list_rungs()] == [90, 60]


def test_snooze_ends_before_the_date(sqlite_database: Database) -> None:
    channel = build_reminded_channel(sqlite_database, "2027-04-09 09:00")
    assert "until 12 Apr 2027, the last working day before the date" in channel.snooze("week")
    channel.now = utc("2027-04-12 10:00")
    assert "No working day is left before 13 Apr 2027" in channel.snooze("week")
    assert "No working day is left before 13 Apr 2027" in channel.snooze("next")
    assert "No reminder about 13 Apr 2027 is left to silence" in channel.press("acknowledge")
    assert [d.kind for d in channel.list_decisions()] == [DecisionKind.SNOOZED]


def test_migration_subscribes_to_the_successor_and_ends_reminders(channel: ReminderChannel) -> None:
    assert channel.press("migrated") == ""
    (view,) = channel.slack.clients.views
    menu, checkbox = (block["element"] for block in view["blocks"][1:])
    assert menu["initial_option"]["value"] == "pytorch-2.9"
    assert checkbox["initial_options"]
    assert channel.list_options("migrated_to", "pytorch 2.9") == ["pytorch-2.9"]
    options = channel.list_options("migrated_to", "")  # versions available after the date
    assert options == ["base-cu129", "pytorch-2.9", "base-cu128", "pytorch-2.7"]
    answer = get_view(channel.submit({"migrated_to": SUCCESSOR, "watch": SUBSCRIBE}, user="U5"))
    assert "<@U5> marked this as migrated to PyTorch 2.9 (13 Jan 2027)" in answer
    assert "This channel is now subscribed to PyTorch 2.9." in answer
    with channel.driver.database.read_only() as session:
        assert [s.target for s in subscriptions.list_for_channel(session, "T1", "C1")] == ["pytorch-2.7", "pytorch-2.9"]
    channel.tick(2 * SECONDS)
    assert "<@U5> marked this as migrated to PyTorch 2.9" in channel.render_message()["text"]
    assert channel.list_action_ids() == ["successor", "status", "unsubscribe", "undo_migrated"]
    assert "<@U5> marked this channel as migrated" in channel.press("acknowledge")
    for _ in range(95):
        channel.tick(DAYS)
    assert [rung for _, rung in channel.driver.sender.list_rungs()] == [90]
    assert "/dlvm subscribe" in channel.press("undo_migrated")
    channel.driver.run(f"subscribe {VERSION}", channel.now)
    assert channel.list_decisions() == ()
    assert [c.action for c in channel.list_audit_entries()] == ["undo", "subscribe", "migrate"]


def test_migration_can_be_replaced_and_undone(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("migrated")
    sqlite_channel.submit({"migrated_to": SUCCESSOR, "watch": {"selected_options": []}}, user="UANA")
    sqlite_channel.now += 3 * SECONDS
    again = get_view(sqlite_channel.submit({"migrated_to": SUCCESSOR, "watch": {"selected_options": []}}, user="UBO"))
    assert "<@UANA> marked this channel as migrated 3 seconds ago" in again
    elsewhere = get_view(
        sqlite_channel.submit({"migrated_to": {"selected_option": None}, "watch": SUBSCRIBE}, user="UBO")
    )
    assert "This replaces: <@UANA> marked this as migrated to PyTorch 2.9" in elsewhere
    sqlite_channel.press("undo_migrated")
    assert [d.migrated_to for d in sqlite_channel.list_decisions()] == ["pytorch-2.9"]
    sqlite_channel.press("undo_migrated")
    assert sqlite_channel.list_decisions() == ()


def test_unknown_version_cannot_be_migrated_to(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("migrated")
    for forged in ("pytorch-9.9", VERSION, "<!channel>"):
        view = get_view(
            sqlite_channel.submit({"migrated_to": {"selected_option": {"value": forged}}, "watch": SUBSCRIBE})
        )
        assert "Nothing was changed" in view
        assert "<!channel>" not in view
    assert sqlite_channel.list_decisions() == ()


def test_owner_appears_in_later_reminders(channel: ReminderChannel) -> None:
    channel.press("own")
    assert [block.get("block_id") for block in channel.slack.clients.views[-1]["blocks"]][1:] == ["owner_person"]
    assert "Owner: <@U42>, assigned by <@U1>" in get_view(channel.submit({"owner_person": {"selected_user": "U42"}}))
    channel.tick(2 * SECONDS)
    assert "Owner: <@U42>" in channel.render_message()["text"]
    for _ in range(31):
        channel.tick(DAYS)
    channel.driver.sender.updated.clear()
    assert [rung for _, rung in channel.driver.sender.list_rungs()] == [90, 60]
    assert "Owner: <@U42>, assigned by <@U1> (13 Jan 2027)." in channel.render_message()["text"]


def test_user_group_can_be_the_owner(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.slack.clients.user_groups = (
        UserGroup("S1", "ml-platform", "ML <Platform>"),
        UserGroup("S2", "web", "Web"),
    )
    sqlite_channel.press("own")
    assert sqlite_channel.list_options("owner_group", "PLAT") == ["S1"]
    view = get_view(sqlite_channel.submit({"owner_person": {}, "owner_group": {"selected_option": {"value": "S1"}}}))
    assert "<!subteam^S1>" in view
    sqlite_channel.now += MINUTES
    sqlite_channel.submit({"owner_person": {"selected_user": "U2"}})
    assert [d.owner for d in sqlite_channel.list_decisions()] == ["U2"]
    assert "In force again: Owner: <!subteam^S1>" in sqlite_channel.press("undo_owned")


@pytest.mark.parametrize(
    "values",
    [
        {"owner_person": {}},
        {"owner_person": {"selected_user": "<!channel>"}},
        {"owner_person": {}, "owner_group": {"selected_option": {"value": "U1"}}},
        {"owner_person": {"selected_user": "U2"}, "owner_group": {"selected_option": {"value": "S1"}}},
    ],
)
def test_invalid_owner_is_an_error_in_the_form(sqlite_channel: ReminderChannel, values: dict[str, object]) -> None:
    sqlite_channel.press("own")
    answer = sqlite_channel.submit(values)
    assert set(answer["errors"]) == {"owner_person"}
    assert sqlite_channel.list_decisions() == ()


FORGED = [
    "", "x", "pytorch-2.7", "pytorch-9.9|end_of_availability|2027-04-13", "pytorch-2.7|end_of_availability|2027-04-14",
    "pytorch-2.7|end_of_availability|2027-02-30", "pytorch-2.7|support|2027-04-13", "<!channel>|a|b",
    "pytorch-2.7|end_of_patch_and_support|2027-04-13", "pytorch-2.9|end_of_availability|2028-08-04",
]  # fmt: skip


@pytest.mark.parametrize("value", FORGED)
def test_forged_values_change_nothing(sqlite_channel: ReminderChannel, value: str) -> None:
    for answer in (
        sqlite_channel.press("acknowledge", value),
        sqlite_channel.snooze("week", value),
        sqlite_channel.press("undo_migrated", value),
        sqlite_channel.snooze("for ever"),
    ):
        assert "Nothing was changed" in answer
        assert "<!channel>" not in answer
    sqlite_channel.press("migrated", value)
    sqlite_channel.press("own", VALUE)
    for metadata in (f"C1|1.000100|{value}", f"../C1|1.000100|{VALUE}", f"C9|1.000100|{VALUE}", ""):
        view = get_view(sqlite_channel.submit({"owner_person": {"selected_user": "U2"}}, metadata=metadata))
        assert "Nothing was changed" in view
    assert (
        sqlite_channel.list_decisions(),
        sqlite_channel.list_audit_entries(),
        sqlite_channel.list_pending_updates(),
    ) == ((), [], [])


def test_decision_on_an_unknown_message_updates_nothing(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("acknowledge", ts="99.000100")
    assert (len(sqlite_channel.list_decisions()), sqlite_channel.list_pending_updates()) == (1, [])


def test_person_without_permission_is_refused(sqlite_channel: ReminderChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChannelAccess, "explain_denial", lambda *_: "Only <admins> may change this channel.")
    for answer in (sqlite_channel.press("acknowledge"), sqlite_channel.press("migrated"), sqlite_channel.press("own")):
        assert answer == "Only &lt;admins&gt; may change this channel."
    assert (sqlite_channel.list_decisions(), sqlite_channel.slack.clients.views) == ((), [])


def test_one_press_decides_both_milestones_of_a_day(sqlite_database: Database) -> None:
    channel = build_reminded_channel(sqlite_database, "2028-05-05 09:00", "pytorch-2.9")
    value = "pytorch-2.9|end_of_patch_and_support|2028-08-04"
    channel.press("acknowledge", value)
    assert len(channel.list_decisions()) == 2
    channel.tick(2 * SECONDS)
    assert channel.render_message()["text"].count("acknowledged this") == 1
    channel.press("undo_acknowledged", value)
    assert channel.list_decisions() == ()
