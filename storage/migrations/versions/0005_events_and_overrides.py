"""Add catalogue events, release notes, overrides, operator notes and page texts."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _text_columns(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _instant_column(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UTCDateTime(), nullable=nullable)


def _id_column() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "catalogue_event",
        _id_column(),
        *_text_columns("product", "framework", "version", "kind"),
        _instant_column("found_at"),
        *_text_columns("source_url", "families", "milestone"),
        sa.Column("day", sa.Date(), nullable=True),
        *_text_columns("details"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_catalogue_event_version", "catalogue_event", ["product", "version"])
    op.create_table(
        "release_note",
        *_text_columns("product"),
        sa.Column("day", sa.Date(), nullable=False),
        *_text_columns("kind"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_text_columns("milestone", "text", "text_hash", "url", "versions"),
        _instant_column("first_seen"),
        _instant_column("changed_at", nullable=True),
        sa.PrimaryKeyConstraint("product", "day", "kind", "number"),
    )
    op.create_table(
        "date_override",
        _id_column(),
        *_text_columns("product", "version", "family", "milestone"),
        sa.Column("day", sa.Date(), nullable=False),
        *_text_columns("reason", "set_by"),
        _instant_column("set_at"),
        sa.Column("until", sa.Date(), nullable=True),
        *_text_columns("upstream"),
        _instant_column("ended_at", nullable=True),
        *_text_columns("ended_why"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_date_override_version", "date_override", ["product", "version"])
    op.create_table(
        "operator_note",
        _id_column(),
        *_text_columns("topic", "key", "text"),
        _instant_column("made_at"),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        *_text_columns("url"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("topic", "key"),
    )
    op.create_table(
        "page_text", *_text_columns("name", "text"), _instant_column("seen_at"), sa.PrimaryKeyConstraint("name")
    )
    op.add_column("channel", sa.Column("notes", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("date_change", sa.Column("remark", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("date_change", "remark")
    op.drop_column("channel", "notes")
    for name in ("page_text", "operator_note", "date_override", "release_note", "catalogue_event"):
        op.drop_table(name)
