"""what is told besides the dates: events of the table, release notes, dates set by hand, words to the operator."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UTCDateTime(), nullable=nullable)


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "catalogue_event",
        _number(),
        *_texts("product", "framework", "version", "kind"),
        _moment("found_at"),
        *_texts("source_url", "families", "milestone"),
        sa.Column("day", sa.Date(), nullable=True),
        *_texts("details"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_catalogue_event_version", "catalogue_event", ["product", "version"])
    op.create_table(
        "release_note",
        *_texts("product"),
        sa.Column("day", sa.Date(), nullable=False),
        *_texts("kind"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts("milestone", "text", "text_hash", "url", "versions"),
        _moment("first_seen"),
        _moment("changed_at", nullable=True),
        sa.PrimaryKeyConstraint("product", "day", "kind", "number"),
    )
    op.create_table(
        "date_override",
        _number(),
        *_texts("product", "version", "family", "milestone"),
        sa.Column("day", sa.Date(), nullable=False),
        *_texts("reason", "set_by"),
        _moment("set_at"),
        sa.Column("until", sa.Date(), nullable=True),
        *_texts("upstream"),
        _moment("ended_at", nullable=True),
        *_texts("ended_why"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_date_override_version", "date_override", ["product", "version"])
    op.create_table(
        "operator_note",
        _number(),
        *_texts("topic", "key", "text"),
        _moment("made_at"),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        *_texts("url"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("topic", "key"),
    )
    op.create_table("page_text", *_texts("name", "text"), _moment("seen_at"), sa.PrimaryKeyConstraint("name"))
    op.add_column("channel", sa.Column("notes", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("date_change", sa.Column("remark", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("date_change", "remark")
    op.drop_column("channel", "notes")
    for name in ("page_text", "operator_note", "date_override", "release_note", "catalogue_event"):
        op.drop_table(name)
