"""Name tables and columns as the facts they store, and store collections as JSON."""

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
    "catalogue_reading": {"held_back": "quarantined"},
    "workspace": {"managing": "permission_rule"},
    "operator_note": {"made_at": "created_at", "finding_id": "quarantine_entry_id"},
}
_INDEXES = (
    ("ix_change_channel", "ix_audit_log_channel", "audit_log", ["workspace_id", "channel_id", "id"]),
    ("ix_asking_workspace_id", "ix_access_request_workspace_id", "access_request", ["workspace_id"]),
    ("ix_finding_settled", "ix_quarantine_resolution", "quarantine", ["product", "resolution"]),
    ("ix_former_value_version", "ix_catalogue_history_version", "catalogue_history", ["product", "version"]),
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


def downgrade() -> None:
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
