"""The review of quarantined values in the operator's channel, on the real Bolt app."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.answers import ReviewResult
from bot.policy.permissions import Role
from bot.sandbox.block_kit.validate import check_message
from bot.service.operator import review
from bot.service.operator.channel import OperatorChannel
from bot.service.operator.review import ReviewActions
from bot.service.place import Place
from bot.service.workspaces.channel_health import UNINSTALLED
from bot.slack.blocks.operator import ACCEPT, REJECT
from bot.slack.blocks.reminders import message
from bot.slack.client.sender import SlackSender
from storage import audit_log, outbox, quarantine, sources, workspace_data, workspaces
from storage.database import Database
from storage.facts import AuditEntry, MessageKind, QuarantineEntry, Resolution, Workspace
from tests.catalogue.validation_factories import FLOW_217, TORCH_27, replace_cells
from tests.service.driver import Driver, open_driver, utc
from tests.service.page_fixture import HOUR, START, FakePage
from tests.service.permissions_driver import FakeUserDirectory
from tests.slack.driver import Body, RecordingClients, SlackDriver, build_slack_driver
from tests.slack.fake_slack_server import FakeSlackServer, respond_json

MINUTE = timedelta(minutes=1)
SUSPICIOUS = {TORCH_27: {"end_of_availability": "August 13, 2029"}}


@dataclass
class ReviewChannel:
    """The operator's channel, its clock, and the page with a quarantined value."""

    slack: SlackDriver
    page: FakePage
    now: datetime
    users: FakeUserDirectory
    wakes: list[datetime] = field(default_factory=list)

    @property
    def driver(self) -> Driver:
        return self.slack.driver

    def read(self, now: datetime | None = None) -> None:
        """Read the page and run the delivery loop."""
        self.now = now or self.now
        self.page.run(self.now)
        self.tick()

    def tick(self) -> None:
        self.driver.build_loop().tick(self.now)

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
        """Press a button and return the answer."""
        body: Body = {
            "type": "block_actions",
            "team": {"id": team},
            "user": {"id": user, "team_id": team},
            "channel": {"id": channel, "name": "x"},
            "container": {"type": "message", "channel_id": channel, "message_ts": ts},
            "response_url": "https://hooks/2",
            "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
        }
        previous = len(self.slack.clients.replies)
        response = self.slack.send_payload(body)
        assert (response.status, response.body) == (200, "")
        ((_, reply, replace),) = self.slack.clients.replies[previous:]
        assert not replace
        return str(reply["text"])

    def find_entry(self) -> QuarantineEntry:
        with self.driver.database.read_only() as session:
            entry = quarantine.find(session, 1)
        assert entry is not None
        return entry

    def render_message(self) -> Body:
        """Return the first message as it is in the channel now."""
        updates = [update for ts, update in self.driver.sender.operator_updates if ts == "9.000001"]
        rendered = message.render(updates[-1] if updates else self.driver.sender.operator_messages[0])
        assert check_message(rendered) == ()
        return rendered

    def list_buttons(self) -> list[Body]:
        rows = [block["elements"] for block in self.render_message()["blocks"] if block["type"] == "actions"]
        return [button for row in rows for button in row]

    def list_action_ids(self) -> list[str]:
        return [button["action_id"] for button in self.list_buttons()]

    def list_audit_entries(self) -> list[AuditEntry]:
        with self.driver.database.read_only() as session:
            return list(audit_log.list_for_channels(session, "T1", ["C0OPS"], skip=0, limit=50))


def build_review_channel(database: Database, cells: dict[str, dict[str, str]] | None = None) -> ReviewChannel:
    """Return the operator's channel after the page was read, by default with a suspicious date."""
    driver, users = open_driver(database), FakeUserDirectory()
    clients = RecordingClients(users=users)
    database.run(lambda session: sources.set_polling(session, START))
    driver.operator = OperatorChannel("T1/C0OPS")
    with database.transaction() as session:
        for name in ("T1", "T2"):
            workspaces.save(session, Workspace(name, "Acme", "B1", "UBOT"))
    slack = build_slack_driver(
        driver, clients, ("T1", "T2"), now=lambda: channel.now, wake=lambda: channel.wakes.append(channel.now)
    )
    page = FakePage(driver, replace_cells(SUSPICIOUS if cells is None else cells))
    channel = ReviewChannel(slack, page, START, users)
    channel.read()
    return channel


def test_message_shows_the_entry_with_two_confirmed_buttons(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    assert channel.list_action_ids() == [ACCEPT, REJECT]
    text = channel.render_message()["text"]
    assert text.startswith(f"*Pending review: {TORCH_27}, last day these images can be used*")
    assert "*The page says:* “August 13, 2029”\n*dlvm keeps:* “April 13, 2027”" in text
    assert text.endswith("|Open the page>. Number 1 in `dlvm catalogue review`. I won’t repeat this.")
    assert all("confirm" in button for button in channel.list_buttons())


def test_accepted_value_is_stored_at_the_next_reading(database: Database) -> None:
    channel = build_review_channel(database)
    channel.now = START + 20 * MINUTE
    answer = channel.press(ACCEPT)
    next_reading = "It takes effect at the next reading, on 12 Apr 2026, 11:00 UTC or soon after."
    assert answer == f"Done. *Accepted* by <@U1> on 12 Apr 2026, 10:20 UTC. {next_reading}"
    entry = channel.find_entry()
    assert (channel.wakes, entry.resolver_workspace_id, entry.resolved_by) == ([channel.now], "T1", "U1")
    channel.tick()
    assert (channel.list_action_ids(), answer.removeprefix("Done. ") in channel.render_message()["text"]) == ([], True)
    assert [(entry.action, entry.actor) for entry in channel.list_audit_entries()] == [("accept", "U1")]
    channel.page.run(START + HOUR)
    assert str(channel.page.get_date(TORCH_27)) == "2029-08-13"


def test_value_accepted_late_is_read_right_away(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    channel.now = START + 5 * HOUR
    assert "on 12 Apr 2026, 15:00 UTC or soon after" in channel.press(ACCEPT)


def test_acceptance_names_no_time_if_the_page_is_not_polled(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    with sqlite_database.transaction() as session:
        sources.set_polling(session, None)
    assert channel.press(ACCEPT).endswith("It takes effect at the next reading.")


def test_rejected_value_stays_out_of_the_catalogue(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    assert channel.press(REJECT).startswith("Done. *Rejected* by <@U1> on 12 Apr 2026, 10:00 UTC. The last good value")
    channel.tick()
    assert (channel.list_action_ids(), "*Rejected* by <@U1>" in channel.render_message()["text"]) == ([], True)
    channel.read(START + 6 * HOUR)
    assert (len(channel.driver.sender.operator_messages), channel.find_entry().resolution) == (1, Resolution.REJECTED)


def test_simultaneous_presses_resolve_once(database: Database) -> None:
    channel = build_review_channel(database)
    actions = ReviewActions(database, channel.driver.operator, channel.users)
    barrier = threading.Barrier(2)
    results: list[tuple[str, str]] = []

    def press(user: str, resolution: Resolution) -> None:
        barrier.wait()
        result = actions.resolve(1, resolution, Place("T1", "C0OPS", user), "9.000001", channel.now)
        assert isinstance(result, ReviewResult)
        results.append((result.outcome.value, result.item.entry.resolved_by if result.item else ""))

    presses = (("U1", Resolution.ACCEPTED), ("U2", Resolution.REJECTED))
    threads = [threading.Thread(target=press, args=arguments) for arguments in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    resolved_by = channel.find_entry().resolved_by
    assert sorted(results) == [("done", resolved_by), ("settled_before", resolved_by)]
    channel.tick()
    assert channel.list_action_ids() == []
    assert len(channel.list_audit_entries()) == 1


def test_second_press_names_the_first_person(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    channel.press(ACCEPT)
    answer = channel.press(REJECT, user="U2")
    assert answer.startswith("Nothing was changed. *Accepted* by <@U1> on 12 Apr 2026, 10:00 UTC.")
    assert channel.find_entry().resolution is Resolution.ACCEPTED


def test_resolution_on_the_command_line_updates_the_message(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    review.resolve_entry(sqlite_database, 1, Resolution.REJECTED, "the terminal", channel.now)
    channel.tick()
    assert (channel.list_action_ids(), "*Rejected* by the terminal on" in channel.render_message()["text"]) == (
        [],
        True,
    )
    assert channel.press(ACCEPT).startswith("Nothing was changed. *Rejected* by the terminal on 12 Apr 2026")


def test_value_that_left_the_page_cannot_be_accepted(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    channel.page.rows = replace_cells({})
    channel.page.run(START + 6 * HOUR)
    channel.now = START + 7 * HOUR
    assert channel.press(ACCEPT).startswith("Nothing was changed. *Closed:* the page no longer said this")


def test_rejected_value_that_left_the_page_names_the_person(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    channel.press(REJECT)
    channel.page.rows = replace_cells({})
    channel.read(START + 6 * HOUR)
    assert "<@U1> had rejected it" in channel.press(ACCEPT)


def test_unacceptable_value_has_no_accept_button(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database, {FLOW_217: {"accelerator": "x" * 501}})
    assert channel.list_action_ids() == [REJECT]
    text = channel.render_message()["text"]
    assert "You can’t accept this. The last good value stays until the page is fixed." in text
    assert "Nothing was changed. You can’t accept this." in channel.press(ACCEPT)
    assert channel.find_entry().resolution is Resolution.OPEN


def test_unacceptable_date_suggests_an_override(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database, {FLOW_217: {"end_of_availability": "Ju1 12, 2026"}})
    assert channel.list_action_ids() == [REJECT]
    command = f'dlvm catalogue override tensorflow-2.17 end_of_availability=DATE --family {FLOW_217} --reason "…"'
    assert f"override it (DATE like 2026-06-30): `{command}`" in channel.render_message()["text"]


def test_unknown_entry_changes_nothing(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    for value in ("2", "0", "", "-1", "1 OR 1=1", "9" * 30, "١"):
        assert "Nothing was changed: there is no review number" in channel.press(ACCEPT, value)
    assert channel.find_entry().resolution is Resolution.OPEN


def test_press_outside_the_operator_channel_is_refused(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    for channel_id, team in (("C1", "T1"), ("C0OPS", "T2"), ("D0OPS", "T1")):
        assert "only review values in the operator channel" in channel.press(ACCEPT, channel=channel_id, team=team)
    assert channel.find_entry().resolution is Resolution.OPEN


def test_guests_and_externals_are_refused(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    for role, text in (
        (Role.GUEST, "Guests can view everything here"),
        (Role.EXTERNAL, "People from other organisations can view"),
        (Role.UNKNOWN, "Slack didn’t confirm your role in time"),
    ):
        channel.users.roles["U1"] = role
        assert text in channel.press(ACCEPT)
    assert channel.find_entry().resolution is Resolution.OPEN
    assert [entry.action for entry in channel.list_audit_entries()] == ["denied"] * 3


def test_unconfirmed_copy_of_the_message_is_updated_too(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    channel.press(ACCEPT, ts="8.000001")
    channel.now += MINUTE
    channel.tick()
    assert {ts for ts, _ in channel.driver.sender.operator_updates} == {"8.000001", "9.000001"}


def test_forged_timestamp_updates_nothing(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    channel.press(ACCEPT, ts="<!channel>")
    with sqlite_database.read_only() as session:
        entries = outbox.list_for_channel(session, "T1", "C0OPS")
    updates = [entry for entry in entries if entry.reminder.kind is not MessageKind.OPERATOR_NOTE]
    assert {entry.message_ts for entry in updates} == {"9.000001"}


def test_press_in_an_uninstalled_workspace_is_refused(sqlite_database: Database) -> None:
    channel = build_review_channel(sqlite_database)
    with sqlite_database.transaction() as session:
        workspaces.suspend(session, "T1", channel.now, UNINSTALLED)
    assert "only review values in the operator channel" in channel.press(ACCEPT)
    assert channel.find_entry().resolution is Resolution.OPEN


def test_erasing_the_workspace_forgets_who_resolved(database: Database) -> None:
    channel = build_review_channel(database)
    channel.press(REJECT)
    database.run(lambda session: workspace_data.delete(session, "T1"))
    assert (channel.find_entry().resolution, channel.find_entry().resolved_by) == (
        Resolution.REJECTED,
        "deleted Slack user",
    )
    channel.page.rows = replace_cells({})
    channel.read(START + 6 * HOUR)
    assert channel.find_entry().resolution is Resolution.GONE


def test_invalid_blocks_are_reported_to_the_operator(
    sqlite_database: Database, slack_server: FakeSlackServer, sender: SlackSender
) -> None:
    driver = open_driver(sqlite_database)
    driver.operator = OperatorChannel("C0OPS")
    with sqlite_database.transaction() as session:
        workspaces.save(session, Workspace("T1", "Acme", "B1", "UBOT"))
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    slack_server.behaviours = [
        respond_json(ok=False, error="invalid_blocks"),
        respond_json(ok=True, channel="C1", ts="1.2"),
        respond_json(ok=True, channel="C0OPS", ts="1.3"),
    ]
    delivery = driver.build_loop(sender=sender)  # type: ignore[arg-type] # the real sender, not a recording one
    delivery.tick(utc("2027-01-13 09:00"))
    delivery.tick(utc("2027-01-13 09:01"))
    assert [b'"blocks"' in request for request in slack_server.requests] == [True, False, True]
    assert b"Slack rejected the layout of entry 1 of the outbox: `invalid_blocks`" in slack_server.requests[2]
