"""Add sources, the quarantine, and the history of values, filled from the current catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Of each field: its name, the expression of its value, and the column of its text.
_FIELDS = (
    ("row", "'listed'", "family_as_printed"),
    ("label", "label", "label"),
    ("patch_version", "patch_version", "patch_version"),
    ("accelerator", "accelerator", "accelerator"),
    (
        "end_of_patch_and_support",
        "coalesce(cast(end_of_patch_and_support AS VARCHAR), '')",
        "end_of_patch_and_support_as_printed",
    ),
    ("end_of_availability", "coalesce(cast(end_of_availability AS VARCHAR), '')", "end_of_availability_as_printed"),
)


def _text_columns(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "source",
        *_text_columns("product", "etag", "last_modified", "problem", "fingerprint"),
        *(
            sa.Column(name, UTCDateTime(), nullable=True)
            for name in ("watched_since", "tried_at", "next_at", "good_at", "fingerprint_since")
        ),
        sa.PrimaryKeyConstraint("product"),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text_columns("product", "family", "field", "printed", "reason", "last_good", "fingerprint", "difference"),
        sa.Column("acceptable", sa.Boolean(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        *_text_columns("settled", "settled_by"),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_finding_settled", "finding", ["product", "settled"])
    op.create_table(
        "former_value",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text_columns("product", "version", "family", "field", "printed", "value", "source_url"),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("last_seen", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_former_value_version", "former_value", ["product", "version"])
    for field, value, printed in _FIELDS:
        op.execute(
            "INSERT INTO former_value (product, version, family, field, printed, value, source_url, first_seen)"  # noqa: S608 - built from constants
            f" SELECT product, framework || '-' || number, family, '{field}', {printed}, {value}, source_url,"
            " first_seen FROM image_family"
        )


def downgrade() -> None:
    for name in ("former_value", "finding", "source"):
        op.drop_table(name)
