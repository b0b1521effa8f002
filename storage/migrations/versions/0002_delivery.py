"""Add rate limits, possible duplicates, job runs, date changes, decisions and channel settings."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ACTIVE = sa.text("state IN ('pending', 'sending', 'ambiguous')")


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("free_at", UTCDateTime(), nullable=False),
        sa.Column("limited_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id"),
    )
    op.create_table(
        "possible_repeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ran_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "date_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("milestone", sa.String(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=True),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.Column("families", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_date_change_version", "date_change", ["version"])
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("milestone", sa.String(), nullable=False),
        sa.Column("milestone_date", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("given_for", sa.Date(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_channel", "decision", ["workspace_id", "channel_id", "ended_at"])
    op.create_index("ix_decision_version", "decision", ["product", "version", "ended_at"])
    op.add_column("outbox", sa.Column("claimed_at", UTCDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("looks", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_outbox_turns",
        "outbox",
        ["workspace_id", "next_try_at", "channel_id"],
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
    op.add_column("workspace", sa.Column("suspended_since", UTCDateTime(), nullable=True))
    op.add_column("workspace", sa.Column("suspended_reason", sa.String(), nullable=False, server_default=""))
    op.add_column("channel", sa.Column("quiet", sa.String(), nullable=False, server_default=""))
    op.add_column("channel", sa.Column("mention", sa.String(), nullable=False, server_default=""))
    op.add_column("channel", sa.Column("mention_from", sa.Integer(), nullable=False, server_default="7"))
    op.add_column("channel", sa.Column("weekly", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("channel", sa.Column("health_check_at", UTCDateTime(), nullable=True))
    op.create_index("ix_channel_health_check_at", "channel", ["health_check_at"])
    weekly = sa.text("weekly")
    op.create_index("ix_channel_weekly", "channel", ["schedule_id"], sqlite_where=weekly, postgresql_where=weekly)


def downgrade() -> None:
    op.drop_index("ix_channel_weekly", table_name="channel")
    op.drop_index("ix_channel_health_check_at", table_name="channel")
    for name in ("health_check_at", "weekly", "mention_from", "mention", "quiet"):
        op.drop_column("channel", name)
    for name in ("suspended_reason", "suspended_since"):
        op.drop_column("workspace", name)
    op.drop_index("ix_outbox_turns", table_name="outbox")
    for name in ("looks", "claimed_at"):
        op.drop_column("outbox", name)
    for name in ("decision", "date_change", "job_run", "possible_repeat", "pace"):
        op.drop_table(name)
