"""Databases with any number of subscriptions, generated in SQL."""

import sqlalchemy as sa
from sqlmodel import Session

from tests.service.driver import utc
from tests.storage.factories import subscribe

SUBSCRIBED_AT = utc("2026-12-01 10:00")
SUBSCRIBED = 1_000

_INSERT = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :channel_count)
INSERT INTO {table} ({columns}) SELECT {values} FROM n ORDER BY 'T' || (i % 500), 'C' || i
"""
"""Inserting in the order of the primary key is five times as fast."""


def fill(session: Session, channel_count: int, subscribed: int = SUBSCRIBED) -> None:
    """Store channels in 500 workspaces on one schedule.

    The first `subscribed` of them subscribe to PyTorch 2.7, the others to a version that ended long ago.
    """
    schedule_id = subscribe(session, "C0", "pytorch-2.3", workspace="T", at=SUBSCRIBED_AT)
    rows: dict[str, dict[str, str]] = {
        "channel": {
            "workspace_id": "'T' || (i % 500)",
            "channel_id": "'C' || i",
            "schedule_id": str(schedule_id),
            "has_own_zone": "0",
            "is_public": "0",
            "quiet": "''",
            "mention": "''",
            "mention_from": "7",
            "weekly": "0",
            "health": "'ok'",
            "health_reason": "''",
        },
        "subscription": {
            "workspace_id": "'T' || (i % 500)",
            "channel_id": "'C' || i",
            "product": "'dlvm'",
            "target": f"CASE WHEN i <= {subscribed} THEN 'pytorch-2.7' ELSE 'pytorch-2.3' END",
            "created_by": "'U1'",
            "created_at": "'2026-12-01 10:00:00.000000'",
        },
    }
    for table, row in rows.items():
        text = _INSERT.format(table=table, columns=", ".join(row), values=", ".join(row.values()))
        session.execute(sa.text(text), {"channel_count": channel_count})
