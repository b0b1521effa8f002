"""The data that a status answer needs besides the catalogue, in one statement.

Status is the most frequent question. Through sessions and ORM rows, this query would take most of the answer's time.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from msgspec import Struct

from storage.catalogue import REVISION
from storage.database import Database

_PARTS = (
    REVISION,
    """
SELECT 'channel', s.zone, '' FROM channel c JOIN schedule s ON s.id = c.schedule_id
 WHERE c.workspace_id = :workspace_id AND c.channel_id = :channel_id
""",
    """
SELECT 'workspace', zone, '' FROM workspace WHERE workspace_id = :workspace_id
""",
    """
SELECT 'target', target, '' FROM subscription WHERE workspace_id = :workspace_id AND channel_id = :channel_id
""",
    """
SELECT 'subscription', s.channel_id, s.target
  FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id
 WHERE s.workspace_id = :workspace_id AND s.product = :product AND s.target IN (:version, :framework, :every)
   AND (c.is_public OR s.channel_id = :channel_id)
""",
)
_LOAD = sa.text("UNION ALL".join(_PARTS))


class StatusContext(Struct, frozen=True):
    """The catalogue's revision, and the subscriptions around a status question."""

    revision: str
    zone: str
    """The channel's zone, else its workspace's. Empty if neither is stored."""
    targets: tuple[str, ...]
    """The targets the asking channel subscribes to."""
    subscriptions: tuple[tuple[str, str], ...]
    """(channel, target) of each subscription to the version in a public channel or in the asking one."""


def load(database: Database, workspace_id: str, channel_id: str, product: str, targets: Sequence[str]) -> StatusContext:
    """Load the context of a question about a version. The targets are the version, its framework and ALL."""
    version, framework, every = targets
    values = {"workspace_id": workspace_id, "channel_id": channel_id, "product": product}
    rows = database.fetch(_LOAD, {**values, "version": version, "framework": framework, "every": every})
    parts: dict[str, list[tuple[str, str]]] = {}
    for kind, a, b in rows:
        parts.setdefault(kind, []).append((a, b))
    zones = [zone for zone, _ in (*parts.get("channel", ()), *parts.get("workspace", ())) if zone]
    return StatusContext(
        revision=parts["revision"][0][0],
        zone=zones[0] if zones else "",
        targets=tuple(sorted(target for target, _ in parts.get("target", ()))),
        subscriptions=tuple(sorted(parts.get("subscription", ()))),
    )
