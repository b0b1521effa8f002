"""People in the operator's channel accept or reject what is held back, on the real dispatcher with signed requests."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.answers import ReviewResult
from bot.policy.permissions import Person, Role
from bot.sandbox.block_kit.validate import check_message
from bot.service.operator import review
from bot.service.operator.channel import OperatorChannel
from bot.service.operator.review import ReviewActions
from bot.service.place import Place
from bot.service.workspaces.channel_health import UNINSTALLED
from bot.slack import app as slack_app
from bot.slack.blocks.operator import ACCEPT, REJECT
from bot.slack.blocks.reminders import message as messages
from bot.slack.client.sender import SlackSender
from bot.slack.listeners.operator_channel import ReviewListeners
from storage import audit_log, outbox, quarantine, sources, workspace_data, workspaces
from storage.database import Database
from storage.facts import AuditEntry, MessageKind, QuarantineEntry, Resolution, Workspace
from tests.catalogue.validation_factories import FLOW_217, TORCH_27, replace_cells
from tests.service.driver import Driver, open_driver, utc
from tests.service.page_fixture import HOUR, START, FakePage
from tests.slack.driver import SECRET, Body, RecordingClients, SlackDriver
from tests.slack.fake_slack_server import FakeSlackServer, respond_json

MINUTE = timedelta(minutes=1)
ODD = {TORCH_27: {"end_of_availability": "August 13, 2029"}}


@dataclass
class Everybody:
    """What Slack says of people: members, but who is named otherwise."""

    standing: dict[str, Role] = field(default_factory=dict)

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:
        return Person(place.user_id, self.standing.get(place.user_id, Role.MEMBER))

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        return ()

    def find_creator(self, place: Place) -> str:
        return ""

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        return frozenset()


@dataclass
class Room:
    """The operator's channel, its clock, and the page that is held back."""

    slack: SlackDriver
    page: FakePage
    now: datetime
    people: Everybody = field(default_factory=Everybody)
    woken: int = 0

    @property
    def desk(self) -> Driver:
        return self.slack.desk

    def read(self, now: datetime | None = None) -> None:
        self.now = now or self.now
        self.page.run(self.now)
        self.tick()

    def tick(self) -> None:
        self.desk.build_loop().tick(self.now)

    def press(
        self,
        action_id: str,
        value: str = "1",
        *,
        user: str = "U1",
        channel: str = "C0OPS",
        team: str = "T1",
        ts: str = "9.000001",
    ) -> str:
        """What who pressed is told."""
        body: Body = {
            "type": "block_actions",
            "team": {"id": team},
            "user": {"id": user, "team_id": team},
            "channel": {"id": channel, "name": "x"},
            "container": {"type": "message", "channel_id": channel, "message_ts": ts},
            "response_url": "https://hooks/2",
            "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
        }
        before = len(self.slack.clients.replies)
        answer = self.slack.send_payload(body)
        assert (answer.status, answer.body) == (200, "")
        ((_, message, replace),) = self.slack.clients.replies[before:]
        assert not replace
        return str(message["text"])

    def finding(self, number: int = 1) -> QuarantineEntry:
        with self.desk.database.read_only() as session:
            found = quarantine.find(session, number)
        assert found is not None
        return found

    def shown(self) -> Body:
        """The first message as it stands in the channel now."""
        retold = [message for ts, message in self.desk.sender.operator_updates if ts == "9.000001"]
        drawn = messages.render(retold[-1] if retold else self.desk.sender.operator_messages[0])
        assert check_message(drawn) == ()
        return drawn

    def buttons(self) -> list[str]:
        return [e["action_id"] for b in self.shown()["blocks"] if b["type"] == "actions" for e in b["elements"]]

    def written_down(self) -> list[AuditEntry]:
        with self.desk.database.read_only() as session:
            return list(audit_log.list_for_channels(session, "T1", ["C0OPS"], skip=0, limit=50))


def room(database: Database, cells: dict[str, dict[str, str]] | None = None) -> Room:
    desk, recorder = open_driver(database), RecordingClients()
    database.run(lambda session: sources.set_polling(session, START))
    desk.operator = OperatorChannel("T1/C0OPS")
    with database.transaction() as session:
        for name in ("T1", "T2"):
            workspaces.save(session, Workspace(name, "Acme", "B1", "UBOT"))
    made = Room(
        SlackDriver(None, desk, recorder),  # type: ignore[arg-type] # set below
        FakePage(desk, replace_cells(ODD if cells is None else cells)),
        START,
    )
    listening: Any = [
        ReviewListeners(
            ReviewActions(database, desk.operator, made.people), recorder, lambda: wake(made), lambda: made.now
        )
    ]
    made.slack.app = slack_app.build(
        listening,
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace=lambda name: Workspace(name, "Acme", "B1", "UBOT"),
        find_token=lambda _: "xoxb-1",
    )
    made.read()
    return made


def wake(made: Room) -> None:
    made.woken += 1


def test_the_message_says_what_is_held_back_with_two_buttons_that_ask_back(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    assert made.buttons() == [ACCEPT, REJECT]
    text = made.shown()["text"]
    assert text.startswith(f"*Pending review: {TORCH_27}, last day these images can be used*")
    assert "*The page says:* “August 13, 2029”\n*dlvm keeps:* “April 13, 2027”" in text
    assert text.endswith("|Open the page>. Number 1 in `dlvm catalogue review`. I won’t repeat this.")
    assert all("confirm" in e for b in made.shown()["blocks"] if b["type"] == "actions" for e in b["elements"])


def test_what_is_accepted_is_drawn_so_in_place_and_enters_at_the_next_reading(database: Database) -> None:
    made = room(database)
    made.now = START + 20 * MINUTE
    told = made.press(ACCEPT)
    again = "It takes effect at the next reading, on 12 Apr 2026, 11:00 UTC or soon after."
    assert told == f"Done. *Accepted* by <@U1> on 12 Apr 2026, 10:20 UTC. {again}"
    assert (made.woken, made.finding().resolved_by) == (1, "T1/U1 in Slack")
    made.tick()
    assert (made.buttons(), told.removeprefix("Done. ") in made.shown()["text"]) == ([], True)
    assert [(change.action, change.actor) for change in made.written_down()] == [("accept", "U1")]
    made.page.run(START + HOUR)
    assert str(made.page.get_date(TORCH_27)) == "2029-08-13"


def test_what_is_accepted_long_after_the_last_reading_is_read_at_once(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    made.now = START + 5 * HOUR
    assert "on 12 Apr 2026, 15:00 UTC or soon after" in made.press(ACCEPT)


def test_where_nothing_reads_the_page_no_time_is_promised(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    with sqlite_database.transaction() as session:
        sources.set_polling(session, None)
    assert made.press(ACCEPT).endswith("It takes effect at the next reading.")


def test_what_is_rejected_stays_and_is_drawn_so(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    assert made.press(REJECT).startswith("Done. *Rejected* by <@U1> on 12 Apr 2026, 10:00 UTC. The last good value")
    made.tick()
    assert (made.buttons(), "*Rejected* by <@U1>" in made.shown()["text"]) == ([], True)
    made.read(START + 6 * HOUR)
    assert (len(made.desk.sender.operator_messages), made.finding().resolution) == (1, Resolution.REJECTED)


def test_of_two_who_press_at_once_one_decides_and_both_hear_the_truth(database: Database) -> None:
    made = room(database)
    reply = ReviewActions(database, made.desk.operator, made.people)
    ready = threading.Barrier(2)
    heard: list[tuple[str, str]] = []

    def press(user: str, settled: Resolution) -> None:
        ready.wait()
        found = reply.resolve(1, settled, Place("T1", "C0OPS", user), "9.000001", made.now)
        assert isinstance(found, ReviewResult)
        heard.append((found.outcome.value, found.item.entry.resolved_by if found.item else ""))

    both = [
        threading.Thread(target=press, args=each) for each in (("U1", Resolution.ACCEPTED), ("U2", Resolution.REJECTED))
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    by = made.finding().resolved_by
    assert sorted(heard) == [("done", by), ("settled_before", by)]
    made.tick()
    assert made.buttons() == []
    assert len(made.written_down()) == 1


def test_a_second_press_changes_nothing_and_says_who_was_first(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    made.press(ACCEPT)
    told = made.press(REJECT, user="U2")
    assert told.startswith("Nothing was changed. *Accepted* by <@U1> on 12 Apr 2026, 10:00 UTC.")
    assert made.finding().resolution is Resolution.ACCEPTED


def test_what_was_answered_in_the_terminal_is_drawn_and_told_so(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    review.resolve_entry(sqlite_database, 1, Resolution.REJECTED, "the terminal", made.now)
    made.tick()
    assert (made.buttons(), "*Rejected* by the terminal on" in made.shown()["text"]) == ([], True)
    assert made.press(ACCEPT).startswith("Nothing was changed. *Rejected* by the terminal on 12 Apr 2026")


def test_what_the_page_no_longer_says_is_told_so(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    made.page.rows = replace_cells({})
    made.page.run(START + 6 * HOUR)
    made.now = START + 7 * HOUR
    assert made.press(ACCEPT).startswith("Nothing was changed. *Closed:* the page no longer said this")


def test_a_rejected_one_that_the_page_no_longer_says_names_who_rejected_it(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    made.press(REJECT)
    made.page.rows = replace_cells({})
    made.read(START + 6 * HOUR)
    assert "<@U1> had rejected it" in made.press(ACCEPT)


def test_what_can_not_be_accepted_has_no_such_button_and_says_what_to_do_instead(sqlite_database: Database) -> None:
    made = room(sqlite_database, {FLOW_217: {"accelerator": "x" * 501}})
    assert made.buttons() == [REJECT]
    assert "You can’t accept this. The last good value stays until the page is fixed." in made.shown()["text"]
    assert "Nothing was changed. You can’t accept this." in made.press(ACCEPT)
    assert made.finding().resolution is Resolution.OPEN


def test_a_date_that_can_not_be_accepted_names_the_command_that_sets_it_by_hand(sqlite_database: Database) -> None:
    made = room(sqlite_database, {FLOW_217: {"end_of_availability": "Ju1 12, 2026"}})
    assert made.buttons() == [REJECT]
    command = f'dlvm catalogue override tensorflow-2.17 end_of_availability=DATE --family {FLOW_217} --reason "…"'
    assert f"override it (DATE like 2026-06-30): `{command}`" in made.shown()["text"]


def test_a_number_that_nothing_has_changes_nothing(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    for value in ("2", "0", "", "-1", "1 OR 1=1", "9" * 30, "١"):
        assert "Nothing was changed: there is no review number" in made.press(ACCEPT, value)
    assert made.finding().resolution is Resolution.OPEN


def test_nobody_answers_outside_the_operator_s_channel(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    for channel, team in (("C1", "T1"), ("C0OPS", "T2"), ("D0OPS", "T1")):
        assert "This is not the channel of whoever runs dlvm" in made.press(ACCEPT, channel=channel, team=team)
    assert made.finding().resolution is Resolution.OPEN


def test_guests_and_people_of_other_organisations_change_nothing(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    for standing, sentence in (
        (Role.GUEST, "Guests can view everything here"),
        (Role.EXTERNAL, "People from other organisations can view"),
        (Role.UNKNOWN, "Slack didn’t confirm your role in time"),
    ):
        made.people.standing["U1"] = standing
        assert sentence in made.press(ACCEPT)
    assert made.finding().resolution is Resolution.OPEN
    assert [change.action for change in made.written_down()] == ["denied"] * 3


def test_a_copy_that_is_not_known_to_stand_is_drawn_anew_too(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    made.press(ACCEPT, ts="8.000001")
    made.now += MINUTE
    made.tick()
    assert {ts for ts, _ in made.desk.sender.operator_updates} == {"8.000001", "9.000001"}


def test_a_forged_time_stamp_draws_nothing(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    made.press(ACCEPT, ts="<!channel>")
    with sqlite_database.read_only() as session:
        found = outbox.list_for_channel(session, "T1", "C0OPS")
    assert {entry.message_ts for entry in found if entry.reminder.kind is not MessageKind.OPERATOR_NOTE} == {"9.000001"}


def test_once_the_bot_is_uninstalled_nobody_answers_there(sqlite_database: Database) -> None:
    made = room(sqlite_database)
    with sqlite_database.transaction() as session:
        workspaces.suspend(session, "T1", made.now, UNINSTALLED)
    assert "This is not the channel" in made.press(ACCEPT)
    assert made.finding().resolution is Resolution.OPEN


def test_erasing_the_workspace_forgets_who_said_it_and_breaks_nothing(database: Database) -> None:
    made = room(database)
    made.press(REJECT)
    database.run(lambda session: workspace_data.delete(session, "T1"))
    assert (made.finding().resolution, made.finding().resolved_by) == (Resolution.REJECTED, "somebody in Slack")
    made.page.rows = replace_cells({})
    made.read(START + 6 * HOUR)
    assert made.finding().resolution is Resolution.GONE


def test_what_slack_does_not_take_as_drawn_reaches_the_operator_by_the_real_sender(
    sqlite_database: Database, misbehaving: FakeSlackServer, sender: SlackSender
) -> None:
    desk = open_driver(sqlite_database)
    desk.operator = OperatorChannel("C0OPS")
    with sqlite_database.transaction() as session:
        workspaces.save(session, Workspace("T1", "Acme", "B1", "UBOT"))
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    misbehaving.behaviours = [
        respond_json(ok=False, error="invalid_blocks"),
        respond_json(ok=True, channel="C1", ts="1.2"),
        respond_json(ok=True, channel="C0OPS", ts="1.3"),
    ]
    delivery = desk.build_loop(sender=sender)  # type: ignore[arg-type] # a sender is a sender
    delivery.tick(utc("2027-01-13 09:00"))
    delivery.tick(utc("2027-01-13 09:01"))
    assert [b'"blocks"' in request for request in misbehaving.requests] == [True, False, True]
    assert b"so it was sent more plainly: `invalid_blocks`" in misbehaving.requests[2]
