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


def submit_form(driver: Driver) -> None:
    form = SubscribeForm(driver.database, SnapshotCache(), Schedule())
    form.submit(("pytorch-2.7",), (("hour", "7"),), PLACE, NOW, reach=ChannelReach.OK, is_public=True)


WRITES: dict[str, tuple[Callable[[Driver], object], list[str]]] = {
    "subscribe": (lambda driver: driver.run("subscribe pytorch-2.7", NOW), ["subscribe"]),
    "unsubscribe": (lambda driver: driver.run("unsubscribe pytorch-2.9", NOW), ["unsubscribe"]),
    "settings": (lambda driver: driver.run("settings hour 7", NOW), ["settings"]),
    "form": (submit_form, ["settings", "subscribe"]),
    "import": (
        lambda driver: driver.use_cases.import_export.apply(DOCUMENT, PLACE, NOW),
        ["settings", "unsubscribe", "subscribe"],
    ),
}
"""Each write with the actions it leaves in the audit log."""


@pytest.mark.postgres
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_fails_once_takes_effect_once(postgres_url: str, name: str, sqlstate: str) -> None:
    database = Database(postgres_url)
    driver = open_driver(database)
    driver.run("subscribe pytorch-2.9", NOW)
    write, actions = WRITES[name]
    inserts: list[str] = []

    def fail_last(_: object, __: object, statement: str, parameters: object, *___: object) -> tuple[str, object]:
        if statement.startswith(f"INSERT INTO {get_table(AuditEntryRow).name} "):
            inserts.append(statement)
            if len(inserts) == len(actions):
                return f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$", {}
        return statement, parameters

    sa.event.listen(database._engine, "before_cursor_execute", fail_last, retval=True)
    write(driver)
    assert len(inserts) == 2 * len(actions)
    assert [entry.action for entry in list_audit_entries(driver)] == ["subscribe", *actions]
    database.close()


COMMANDS = (
    *("status", "status pytorch-2.7", "successor pytorch-2.7", "history pytorch-2.7", "list all", "upcoming 1y"),
    *("subscriptions", "preview 1y", "settings", "permissions", "audit", "team", "team show ml", "inventory"),
    *("export", "import", "help"),
)
QUERIES: dict[str, Callable[[Driver], object]] = {
    "every command": lambda driver: [driver.run(text, NOW) for text in COMMANDS],
    "subscriptions": lambda driver: Subscriptions(driver.database, SnapshotCache(), Schedule()).list_page(
        1, PLACE, NOW, reach=ChannelReach.OK
    ),
    "settings preview": lambda driver: driver.use_cases.settings.preview((("hour", "7"),), PLACE, NOW),
    "import preview": lambda driver: driver.use_cases.import_export.compare(DOCUMENT, PLACE),
    "home": lambda driver: HomeTab(driver.database, SnapshotCache(), Schedule(), lambda _: {"C1": "ml"}).show(
        PLACE, NOW
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_executes_no_write(sqlite_driver: Driver, name: str) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    with sqlite_driver.database.transaction() as session:
        channel = Channel(PLACE.workspace_id, PLACE.channel_id, Schedule())
        channels.update_health(session, channel, Health.NEEDS_INVITE, since=NOW, reason="", check_at=NOW)
    statements: list[str] = []

    def collect(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    sa.event.listen(sqlite_driver.database._engine, "before_cursor_execute", collect)
    QUERIES[name](sqlite_driver)
    assert statements
    assert [text for text in statements if re.search(r"\b(INSERT|UPDATE|DELETE|BEGIN IMMEDIATE)\b", text)] == []
