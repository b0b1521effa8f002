"""Add installations, permissions, the audit log, access requests, teams and seen events."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WORKSPACE = (("enterprise_id", ""), ("managing", "anyone"), ("managers", "[]"))
_CHANNEL = (("name", ""), ("creator", ""))
_DECISION = (("migrated_to", ""), ("owner", ""))


def _text_columns(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _create_team_table(table: str, *names: str) -> None:
    op.create_table(
        table,
        *_text_columns("workspace_id", "name", *names),
        sa.PrimaryKeyConstraint("workspace_id", "name", *names),
        sa.ForeignKeyConstraint(["workspace_id", "name"], ["team.workspace_id", "team.name"]),
    )


def upgrade() -> None:
    for table, columns in (("workspace", _WORKSPACE), ("channel", _CHANNEL), ("decision", _DECISION)):
        for name, default in columns:
            op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=default))
    op.add_column("channel", sa.Column("is_shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("channel", sa.Column("looked_at", UTCDateTime(), nullable=True))
    op.create_index("ix_channel_looked_at", "channel", ["looked_at"])
    op.create_table(
        "installation",
        *_text_columns("enterprise_id", "workspace_id", "token", "bot_id", "bot_user_id", "scopes", "installed_by"),
        sa.Column("installed_at", UTCDateTime(), nullable=False),
        *_text_columns("name"),
        sa.PrimaryKeyConstraint("enterprise_id", "workspace_id"),
    )
    op.create_table(
        "oauth_state",
        *_text_columns("digest"),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_oauth_state_ends_at", "oauth_state", ["ends_at"])
    op.create_table(
        "seen_event",
        *_text_columns("event_id"),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("ix_seen_event_at", "seen_event", ["at"])
    op.create_table(
        "team", *_text_columns("workspace_id", "name", "owner"), sa.PrimaryKeyConstraint("workspace_id", "name")
    )
    _create_team_table("team_channel", "channel_id")
    _create_team_table("team_target", "product", "target")
    op.create_index("ix_team_channel_channel", "team_channel", ["workspace_id", "channel_id"])
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text_columns("workspace_id", "channel_id", "who", "what"),
        sa.Column("at", UTCDateTime(), nullable=False),
        *_text_columns("before", "after"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_change_channel", "change", ["workspace_id", "channel_id", "id"])
    op.create_table(
        "asking",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text_columns("workspace_id", "channel_id", "asked_by", "asked_of", "command"),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_asking_workspace_id", "asking", ["workspace_id"])


def downgrade() -> None:
    for table in ("asking", "change", "team_target", "team_channel", "team", "seen_event", "oauth_state"):
        op.drop_table(table)
    op.drop_table("installation")
    op.drop_index("ix_channel_looked_at", table_name="channel")
    for name in ("looked_at", "is_shared"):
        op.drop_column("channel", name)
    for table, columns in (("workspace", _WORKSPACE), ("channel", _CHANNEL), ("decision", _DECISION)):
        for name, _ in columns:
            op.drop_column(table, name)
