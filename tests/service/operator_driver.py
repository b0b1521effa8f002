"""A bot with an operator's channel, and what the operator was told there."""

from datetime import datetime, timedelta

from bot.service.operator.channel import Operator
from storage import outbox, workspaces
from storage.facts import OutboxEntry, Workspace
from tests.service.driver import Desk, at

NOW = at("2026-11-23 12:00")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DUE = at("2027-01-13 09:00")


def operated(desk: Desk, setting: str = "C0OPS", *installed: str) -> Desk:
    """The desk, with an operator's channel in the one workspace there is."""
    with desk.database.transaction() as session:
        for workspace_id in installed or ("T1",):
            workspaces.save(session, Workspace(workspace_id, "Acme", "B1", "UBOT"))
    desk.operator = Operator(setting)
    return desk


def tell(desk: Desk, key: str = "one", now: datetime = NOW, topic: str = "policy") -> bool:
    return desk.database.run(lambda s: desk.operator.tell(s, topic, key, f"Hear {key}.", now=now))


def catch_up(desk: Desk, now: datetime = NOW) -> int:
    return desk.database.run(lambda session: desk.operator.catch_up(session, now))


def texts(desk: Desk) -> list[str]:
    return [told.text for told in desk.sender.told]


def entries(desk: Desk, channel: str = "C0OPS", workspace: str = "T1") -> tuple[OutboxEntry, ...]:
    with desk.database.reading() as session:
        return outbox.entries(session, workspace, channel)
