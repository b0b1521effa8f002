"""Create the first tables."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("held_back", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("catalogue_reading", schema=None) as batch_op:
        batch_op.create_index("ix_catalogue_reading_product", ["product"], unique=False)

    op.create_table(
        "image_family",
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("family_as_printed", sa.String(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("patch_version", sa.String(), nullable=False),
        sa.Column("accelerator", sa.String(), nullable=False),
        sa.Column("python", sa.String(), nullable=False),
        sa.Column("os", sa.String(), nullable=False),
        sa.Column("cuda", sa.String(), nullable=False),
        sa.Column("driver", sa.String(), nullable=False),
        sa.Column("end_of_patch_and_support_as_printed", sa.String(), nullable=False),
        sa.Column("end_of_patch_and_support", sa.Date(), nullable=True),
        sa.Column("end_of_patch_and_support_problem", sa.String(), nullable=False),
        sa.Column("end_of_availability_as_printed", sa.String(), nullable=False),
        sa.Column("end_of_availability", sa.Date(), nullable=True),
        sa.Column("end_of_availability_problem", sa.String(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("last_seen", UTCDateTime(), nullable=False),
        sa.Column("absent_since", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("product", "family"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("milestone", sa.String(), nullable=False),
        sa.Column("milestone_date", sa.Date(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("next_try_at", UTCDateTime(), nullable=False),
        sa.Column("unsure_since", UTCDateTime(), nullable=True),
        sa.Column("delivery_id", sa.String(), nullable=True),
        sa.Column("message_ts", sa.String(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "workspace_id", "channel_id", "product", "version", "milestone", "milestone_date", "rung", "kind"
        ),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_active",
            ["next_try_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending', 'ambiguous')"),
            postgresql_where=sa.text("state IN ('pending', 'sending', 'ambiguous')"),
        )

    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("hour", sa.String(), nullable=False),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("days_off", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("planned_through", UTCDateTime(), nullable=False),
        sa.Column("next_plan_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("zone", "hour", "ladder", "days_off", "country"),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_next_plan_at", ["next_plan_at"], unique=False)
        batch_op.create_index("ix_schedule_planned_through", ["planned_through"], unique=False)

    op.create_table(
        "workspace",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("bot_user_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "channel",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("zone_set", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("health_since", UTCDateTime(), nullable=True),
        sa.Column("health_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedule.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id"),
    )
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.create_index("ix_channel_schedule", ["schedule_id", "workspace_id", "channel_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "channel_id"],
            ["channel.workspace_id", "channel.channel_id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", "product", "target"),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            "ix_subscription_target", ["product", "target", "workspace_id", "channel_id", "created_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_subscription_target")

    op.drop_table("subscription")
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.drop_index("ix_channel_schedule")

    op.drop_table("channel")
    op.drop_table("workspace")
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_index("ix_schedule_planned_through")
        batch_op.drop_index("ix_schedule_next_plan_at")

    op.drop_table("schedule")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_active",
            sqlite_where=sa.text("state IN ('pending', 'sending', 'ambiguous')"),
            postgresql_where=sa.text("state IN ('pending', 'sending', 'ambiguous')"),
        )

    op.drop_table("outbox")
    op.drop_table("image_family")
    with op.batch_alter_table("catalogue_reading", schema=None) as batch_op:
        batch_op.drop_index("ix_catalogue_reading_product")

    op.drop_table("catalogue_reading")
