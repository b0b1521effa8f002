"""Writes survive a deadlock or serialization failure and take effect once, and queries write nothing."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.answers import ChannelReach
from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.subscribe import SubscribeForm, Subscriptions
from bot.service.versions.snapshot import SnapshotCache
from storage import channels
from storage.database import Database
from storage.facts import Channel, Health, Schedule
from storage.tables import AuditEntryRow, get_table
from tests.service.driver import PLACE, Driver, open_driver, utc
from tests.service.permissions_driver import list_audit_entries

NOW = utc("2026-12-01 10:00")
DOCUMENT = "subscriptions: [pytorch-2.7]\nsettings: {hour: 7}\n"


def submit_form(desk: Driver) -> None:
    form = SubscribeForm(desk.database, SnapshotCache(), Schedule())
    form.submit(("pytorch-2.7",), (("hour", "7"),), PLACE, NOW, reach=ChannelReach.OK, is_public=True)


WRITES: dict[str, tuple[Callable[[Driver], object], list[str]]] = {
    "subscribe": (lambda desk: desk.run("subscribe pytorch-2.7", NOW), ["subscribe"]),
    "unsubscribe": (lambda desk: desk.run("unsubscribe pytorch-2.9", NOW), ["unsubscribe"]),
    "settings": (lambda desk: desk.run("settings hour 7", NOW), ["settings"]),
    "form": (submit_form, ["settings", "subscribe"]),
    "import": (
        lambda desk: desk.use_cases.import_export.apply(DOCUMENT, PLACE, NOW),
        ["settings", "unsubscribe", "subscribe"],
    ),
}
"""Each write with the actions it leaves in the audit log."""


@pytest.mark.postgres
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_fails_once_takes_effect_once(postgres_url: str, name: str, sqlstate: str) -> None:
    database = Database(postgres_url)
    desk = open_driver(database)
    desk.run("subscribe pytorch-2.9", NOW)
    write, actions = WRITES[name]
    inserts: list[str] = []

    def fail_last(_: object, __: object, statement: str, parameters: object, *___: object) -> tuple[str, object]:
        if statement.startswith(f"INSERT INTO {get_table(AuditEntryRow).name} "):
            inserts.append(statement)
            if len(inserts) == len(actions):
                return f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$", {}
        return statement, parameters

    sa.event.listen(database._engine, "before_cursor_execute", fail_last, retval=True)
    write(desk)
    assert len(inserts) == 2 * len(actions)
    assert [entry.action for entry in list_audit_entries(desk)] == ["subscribe", *actions]
    database.close()


COMMANDS = (
    *("status", "status pytorch-2.7", "successor pytorch-2.7", "history pytorch-2.7", "list all", "upcoming 1y"),
    *("subscriptions", "preview 1y", "settings", "permissions", "audit", "team", "team show ml", "inventory"),
    *("export", "import", "help"),
)
QUERIES: dict[str, Callable[[Driver], object]] = {
    "every command": lambda desk: [desk.run(text, NOW) for text in COMMANDS],
    "subscriptions": lambda desk: Subscriptions(desk.database, SnapshotCache(), Schedule()).list_page(
        1, PLACE, NOW, reach=ChannelReach.OK
    ),
    "settings preview": lambda desk: desk.use_cases.settings.preview((("hour", "7"),), PLACE, NOW),
    "import preview": lambda desk: desk.use_cases.import_export.compare(DOCUMENT, PLACE),
    "home": lambda desk: HomeTab(desk.database, SnapshotCache(), Schedule(), lambda _: {"C1": "ml"}).show(PLACE, NOW),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_executes_no_write(lone_desk: Driver, name: str) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    with lone_desk.database.transaction() as session:
        channel = Channel(PLACE.workspace_id, PLACE.channel_id, Schedule())
        channels.update_health(session, channel, Health.NEEDS_INVITE, since=NOW, reason="", check_at=NOW)
    statements: list[str] = []

    def collect(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    sa.event.listen(lone_desk.database._engine, "before_cursor_execute", collect)
    QUERIES[name](lone_desk)
    assert statements
    assert [text for text in statements if re.search(r"\b(INSERT|UPDATE|DELETE|BEGIN IMMEDIATE)\b", text)] == []
