"""What a question about a version is answered from besides the catalogue, in one statement.

Of all that people do this is asked most; read with sessions and rows, it would be most of an answer's time.
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
SELECT 'watching', s.channel_id, s.target
  FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id
 WHERE s.workspace_id = :workspace_id AND s.product = :product AND s.target IN (:version, :framework, :every)
   AND (c.is_public OR s.channel_id = :channel_id)
""",
)
_AROUND = sa.text("UNION ALL".join(_PARTS))


class StatusContext(Struct, frozen=True):
    """The catalogue's mark, and what is known of the channel a question comes from."""

    revision: str
    zone: str
    """The channel's, else its workspace's; empty where neither is stored."""
    targets: tuple[str, ...]
    """What the channel watches."""
    subscriptions: tuple[tuple[str, str], ...]
    """(channel, target) of those that watch the version and may be named: this one, and public ones."""


def load(database: Database, workspace_id: str, channel_id: str, product: str, targets: Sequence[str]) -> StatusContext:
    """The surroundings of a question about what one of three targets covers: a version, its framework, all."""
    version, framework, every = targets
    values = {"workspace_id": workspace_id, "channel_id": channel_id, "product": product}
    rows = database.fetch(_AROUND, {**values, "version": version, "framework": framework, "every": every})
    found: dict[str, list[tuple[str, str]]] = {}
    for what, a, b in rows:
        found.setdefault(what, []).append((a, b))
    zones = [zone for zone, _ in (*found.get("channel", ()), *found.get("workspace", ())) if zone]
    return StatusContext(
        revision=found["mark"][0][0],
        zone=zones[0] if zones else "",
        targets=tuple(sorted(target for target, _ in found.get("target", ()))),
        subscriptions=tuple(sorted(found.get("watching", ()))),
    )
