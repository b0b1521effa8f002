"""Helpers for a driver with an operator channel."""

from datetime import datetime, timedelta

from bot.service.operator.channel import OperatorChannel
from storage import outbox, workspaces
from storage.facts import OutboxEntry, Workspace
from tests.service.driver import Driver, utc

NOW = utc("2026-11-23 12:00")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DUE = utc("2027-01-13 09:00")


def with_operator(driver: Driver, setting: str = "C0OPS", *installed: str) -> Driver:
    """Set the operator channel, and install the bot in workspaces, by default in T1. Return the driver."""
    with driver.database.transaction() as session:
        for workspace_id in installed or ("T1",):
            workspaces.save(session, Workspace(workspace_id, "Acme", "B1", "UBOT"))
    driver.operator = OperatorChannel(setting)
    return driver


def notify(driver: Driver, key: str = "one", now: datetime = NOW, topic: str = "policy") -> bool:
    return driver.database.run(lambda s: driver.operator.notify(s, topic, key, f"Note {key}.", now=now))


def send_missed(driver: Driver, now: datetime = NOW) -> int:
    return driver.database.run(lambda session: driver.operator.send_missed(session, now))


def list_texts(driver: Driver) -> list[str]:
    return [message.text for message in driver.sender.operator_messages]


def list_entries(driver: Driver, channel: str = "C0OPS", workspace: str = "T1") -> tuple[OutboxEntry, ...]:
    with driver.database.read_only() as session:
        return outbox.list_for_channel(session, workspace, channel)
