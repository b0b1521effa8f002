"""Databases with as many subscriptions as a test or benchmark asks for, made by the database itself."""

import sqlalchemy as sa
from sqlmodel import Session

from tests.service.driver import utc
from tests.storage.factories import subscribe

BEGUN = utc("2026-12-01 10:00")
SUBSCRIBED = 1_000

_MANY = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
INSERT INTO {table} SELECT {columns} FROM n ORDER BY 'T' || (i % 500), 'C' || i
"""
"""In the order of the primary key, which makes it five times as fast."""


def fill(session: Session, channel_count: int, subscribed: int = SUBSCRIBED) -> None:
    """So many channels in 500 workspaces, on one schedule; some watch PyTorch 2.7, the others what ended long ago."""
    schedule_id = subscribe(session, "C0", "pytorch-2.3", workspace="T", at=BEGUN)
    channel = (
        (
            "workspace_id, channel_id, schedule_id, zone_set, is_public, quiet, mention, mention_from, weekly, health,"
            " health_reason"
        ),
        f"'T' || (i % 500), 'C' || i, {schedule_id}, 0, 0, '', '', 7, 0, 'ok', ''",
    )
    watched = (
        "workspace_id, channel_id, product, target, created_by, created_at",
        (
            f"'T' || (i % 500), 'C' || i, 'dlvm', CASE WHEN i <= {subscribed} THEN 'pytorch-2.7' ELSE 'pytorch-2.3' END,"
            " 'U1', '2026-12-01 10:00:00.000000'"
        ),
    )
    for table, (names, columns) in (("channel", channel), ("subscription", watched)):
        text = _MANY.format(table=f"{table} ({names})", columns=columns)
        session.execute(sa.text(text), {"many": channel_count})
