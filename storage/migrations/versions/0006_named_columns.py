"""Name tables, columns and kinds as the facts they store, and give each fact of an outbox entry its own column."""

import re
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = {
    "change": "audit_log",
    "asking": "access_request",
    "finding": "quarantine",
    "former_value": "catalogue_history",
    "pace": "rate_limit",
    "possible_repeat": "possible_duplicate",
    "catalogue_reading": "catalogue_edition",
}
_COLUMNS = {
    "audit_log": {"who": "actor", "what": "action"},
    "access_request": {
        "asked_by": "requested_by",
        "asked_of": "approver",
        "asked_at": "requested_at",
        "settled_at": "resolved_at",
    },
    "quarantine": {"settled": "resolution", "settled_by": "resolved_by", "settled_at": "resolved_at"},
    "possible_duplicate": {"why": "reason", "at": "recorded_at"},
    "source": {
        "watched_since": "polling_since",
        "tried_at": "polled_at",
        "next_at": "next_poll_at",
        "good_at": "last_good_at",
    },
    "outbox": {"unsure_since": "ambiguous_since", "looks": "lookups"},
    "decision": {
        "decided": "kind",
        "until": "snoozed_until",
        "given_for": "original_date",
        "ended_why": "end_reason",
    },
    "date_override": {"ended_why": "end_reason", "upstream": "announced_upstream"},
    "channel": {"zone_set": "has_own_zone", "looked_at": "checked_at"},
    "image_family": {"absent_since": "vanished_since"},
    "catalogue_edition": {"held_back": "quarantined"},
    "workspace": {"managing": "permission_rule"},
    "operator_note": {"made_at": "created_at", "finding_id": "quarantine_entry_id"},
}
_INDEXES = (
    ("ix_change_channel", "ix_audit_log_channel", "audit_log", ["workspace_id", "channel_id", "id"]),
    ("ix_asking_workspace_id", "ix_access_request_workspace_id", "access_request", ["workspace_id"]),
    ("ix_finding_settled", "ix_quarantine_resolution", "quarantine", ["product", "resolution"]),
    ("ix_former_value_version", "ix_catalogue_history_version", "catalogue_history", ["product", "version"]),
    ("ix_catalogue_reading_product", "ix_catalogue_edition_product", "catalogue_edition", ["product"]),
    ("ix_channel_looked_at", "ix_channel_checked_at", "channel", ["checked_at"]),
)
# Of each column: its table, and the expressions of its JSON text and of its earlier text.
_JSON = (
    ("schedule", "ladder", "'[' || ladder || ']'", "replace(replace(ladder, '[', ''), ']', '')"),
    ("schedule", "days_off", "'[' || days_off || ']'", "replace(replace(days_off, '[', ''), ']', '')"),
    (
        "installation",
        "scopes",
        """CASE scopes WHEN '' THEN '[]' ELSE '["' || replace(scopes, ' ', '","') || '"]' END""",
        """replace(replace(replace(replace(scopes, '","', ' '), '["', ''), '"]', ''), '[]', '')""",
    ),
    (
        "channel",
        "quiet",
        r"""CASE quiet WHEN '' THEN '' ELSE '{"start"\:"' || substr(quiet, 1, 5) || '\:00","end"\:"'
           || substr(quiet, 7, 5) || '\:00"}' END""",
        """CASE quiet WHEN '' THEN '' ELSE substr(quiet, 11, 5) || '-' || substr(quiet, 28, 5) END""",
    ),
)
# Of each table: the values of its column `kind` and their new names.
_KINDS = {
    "outbox": {
        "moved": "date_change",
        "closing": "undo_expired",
        "news": "event",
        "note": "release_note",
        "asking": "access_request",
        "granted": "access_answer",
        "operator": "operator_note",
    },
    "catalogue_event": {"replaced": "dependency_changed", "contradicted": "override_conflict", "noted": "release_note"},
}
_FORMER_IDENTITY = ("workspace_id", "channel_id", "product", "version", "milestone", "milestone_date", "rung", "kind")
_HEALTH = ("ok", "needs_invite", "archived", "unreachable", "blocked_by_policy")
"""The health of a channel by the number that stood in the column `rung`."""
_HEALTH_CASES = " ".join(f"WHEN {rung} THEN '{health}'" for rung, health in enumerate(_HEALTH))
_RUNG_CASES = " ".join(f"WHEN '{health}' THEN {rung}" for rung, health in enumerate(_HEALTH))
# The version held a channel, user, request or note; the rung held a date change, an event, or the health.
_HAS_SUBJECT_IN_VERSION = (
    "kind IN ('health', 'introduction', 'access_request', 'access_answer', 'operator_note')"
    " OR (kind IN ('correction', 'undo_expired') AND milestone = '')"
)
_HAS_SUBJECT_IN_RUNG = "kind IN ('date_change', 'event', 'release_note')"
_UPGRADE_OUTBOX = (
    f"UPDATE outbox SET health = CASE rung {_HEALTH_CASES} ELSE 'unreachable' END, rung = 0 WHERE kind = 'health'",  # noqa: S608 - built from constants
    f"UPDATE outbox SET subject = version, version = '' WHERE {_HAS_SUBJECT_IN_VERSION}",  # noqa: S608 - built from constants
    f"UPDATE outbox SET subject = CAST(rung AS VARCHAR), rung = 0 WHERE {_HAS_SUBJECT_IN_RUNG}",  # noqa: S608 - built from constants
    "UPDATE outbox SET version = '' WHERE kind = 'weekly'",
)
_DOWNGRADE_OUTBOX = (
    "UPDATE outbox SET version = 'all' WHERE kind = 'weekly'",
    f"UPDATE outbox SET rung = CAST(subject AS INTEGER) WHERE {_HAS_SUBJECT_IN_RUNG}",  # noqa: S608 - built from constants
    f"UPDATE outbox SET version = subject WHERE {_HAS_SUBJECT_IN_VERSION}",  # noqa: S608 - built from constants
    f"UPDATE outbox SET rung = CASE health {_RUNG_CASES} END WHERE kind = 'health'",  # noqa: S608 - built from constants
)
_OUTBOX_INDEXES = {
    "ix_outbox_active": ["next_try_at", "id"],
    "ix_outbox_turns": ["workspace_id", "next_try_at", "channel_id"],
}
_ACTIVE = sa.text("state IN ('pending', 'sending', 'ambiguous')")
_REVIEWER = re.compile(r"([A-Z0-9]+)/([UW][A-Z0-9]+) in Slack")


def upgrade() -> None:
    for old, new in _TABLES.items():
        op.rename_table(old, new)
    for table, names in _COLUMNS.items():
        for old, new in names.items():
            _rename_column(table, old, new)
    for old, new, table, columns in _INDEXES:
        op.drop_index(old, table_name=table)
        op.create_index(new, table, columns)
    for table, column, json, _ in _JSON:
        op.execute(f"UPDATE {table} SET {column} = {json}")  # noqa: S608 - built from constants
    for table, kinds in _KINDS.items():
        for old, new in kinds.items():
            _rename_kind(table, old, new)
    _upgrade_outbox()
    _upgrade_reviewers()


def downgrade() -> None:
    _downgrade_reviewers()
    _downgrade_outbox()
    for table, kinds in _KINDS.items():
        for old, new in kinds.items():
            _rename_kind(table, new, old)
    for table, column, _, text in _JSON:
        op.execute(f"UPDATE {table} SET {column} = {text}")  # noqa: S608 - built from constants
    for _, new, table, _ in _INDEXES:
        op.drop_index(new, table_name=table)
    for table, names in _COLUMNS.items():
        for old, new in names.items():
            _rename_column(table, new, old)
    for old, new in _TABLES.items():
        op.rename_table(new, old)
    former_tables = {new: old for old, new in _TABLES.items()}
    for old, _, table, columns in _INDEXES:
        former_columns = {new: former for former, new in _COLUMNS.get(table, {}).items()}
        op.create_index(old, former_tables.get(table, table), [former_columns.get(name, name) for name in columns])


def _rename_column(table: str, old: str, new: str) -> None:
    """Rename a column in place. Alembic would copy the whole table on SQLite."""
    op.execute(f'ALTER TABLE {table} RENAME COLUMN "{old}" TO "{new}"')


def _rename_kind(table: str, old: str, new: str) -> None:
    op.execute(f"UPDATE {table} SET kind = '{new}' WHERE kind = '{old}'")  # noqa: S608 - built from constants


def _upgrade_outbox() -> None:
    for name in ("subject", "health"):
        op.add_column("outbox", sa.Column(name, sa.String(), nullable=False, server_default=""))
    _replace_identity(_UPGRADE_OUTBOX, (*_FORMER_IDENTITY, "subject", "health"))


def _downgrade_outbox() -> None:
    _replace_identity(_DOWNGRADE_OUTBOX, _FORMER_IDENTITY)
    for name in ("subject", "health"):
        op.drop_column("outbox", name)


def _replace_identity(statements: Iterable[str], columns: Sequence[str]) -> None:
    """Run the statements without the unique constraint, and constrain the columns afterwards.

    On SQLite this copies the table, and the copy would lose the conditions of partial indexes.
    """
    for name in _OUTBOX_INDEXES:
        op.drop_index(name, table_name="outbox")
    (constraint,) = sa.inspect(op.get_bind()).get_unique_constraints("outbox")
    name = constraint["name"] or "uq_outbox_identity"
    with op.batch_alter_table("outbox", naming_convention={"uq": "uq_outbox_identity"}) as batch:
        batch.drop_constraint(name, type_="unique")
    for statement in statements:
        op.execute(statement)
    with op.batch_alter_table("outbox") as batch:
        batch.create_unique_constraint("uq_outbox_identity", columns)
    for name, indexed in _OUTBOX_INDEXES.items():
        op.create_index(name, "outbox", indexed, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)


def _upgrade_reviewers() -> None:
    """Split `T1/U1 in Slack` into a user and a workspace. Other reviewers were on the command line."""
    op.add_column("quarantine", sa.Column("resolver_workspace_id", sa.String(), nullable=False, server_default=""))
    update = sa.text("UPDATE quarantine SET resolved_by = :user, resolver_workspace_id = :workspace WHERE id = :id")
    for entry_id, resolved_by in op.get_bind().execute(sa.text("SELECT id, resolved_by FROM quarantine")).all():
        if match := _REVIEWER.fullmatch(resolved_by):
            op.get_bind().execute(update, {"id": entry_id, "workspace": match[1], "user": match[2]})


def _downgrade_reviewers() -> None:
    op.execute(
        "UPDATE quarantine SET resolved_by = resolver_workspace_id || '/' || resolved_by || ' in Slack'"
        " WHERE resolver_workspace_id <> ''"
    )
    op.drop_column("quarantine", "resolver_workspace_id")
