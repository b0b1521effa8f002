"""Store the change of a catalogue event as one JSON object with its kind."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = ("product", "framework", "version", "kind", "families", "milestone", "day", "details")
_DATED = ("filled_in", "override_conflict")
_FLAGS = {"arrived": ("is_new_version", "is_new_version"), "vanished": ("is_whole_version", "everywhere")}
# Of each kind: its fields, and the details they were.
_TEXTS = {
    "filled_in": {"remark": "text"},
    "override_conflict": {"override": "before", "page_dates": "after", "remark": "text"},
    "dependency_changed": {"dependency": "what", "before": "before", "after": "after"},
    "release_note": {"note": "note", "note_kind": "note_kind", "text": "text"},
}


def upgrade() -> None:
    op.add_column("catalogue_event", sa.Column("change", sa.String(), nullable=False, server_default=""))
    _rewrite(lambda row: {"change": _dump(_build_change(row))})
    op.drop_index("ix_catalogue_event_version", table_name="catalogue_event")
    for name in _COLUMNS:
        op.drop_column("catalogue_event", name)


def downgrade() -> None:
    for name in _COLUMNS:
        column = sa.Column(name, sa.Date(), nullable=True) if name == "day" else _text_column(name)
        op.add_column("catalogue_event", column)
    op.create_index("ix_catalogue_event_version", "catalogue_event", ["product", "version"])
    _rewrite(lambda row: _build_columns(json.loads(row["change"])))
    op.drop_column("catalogue_event", "change")


def _rewrite(build: Callable[[dict[str, Any]], dict[str, object]]) -> None:
    """Update every event with the values built from its row."""
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT * FROM catalogue_event")).mappings().all():
        values = build(dict(row))
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        update = f"UPDATE catalogue_event SET {assignments} WHERE id = :id"  # noqa: S608 - built from constants
        connection.execute(sa.text(update), {**values, "id": row["id"]})


def _build_change(row: dict[str, Any]) -> dict[str, object]:
    kind, details = row["kind"], json.loads(row["details"])
    change = {"kind": kind, "product": row["product"], "version": row["version"]}
    change |= {field: details.get(name, "") for field, name in _TEXTS.get(kind, {}).items()}
    change["families"] = json.loads(row["families"])
    if kind in _FLAGS:
        field, name = _FLAGS[kind]
        change[field] = name in details
    if kind in _DATED:
        change |= {"milestone": row["milestone"], "day": str(row["day"]) if row["day"] else None}
    if kind == "dependency_changed":
        change["replaced_families"] = [family for family in details.get("instead_of", "").split(",") if family]
    if kind == "release_note":
        change["day"] = details.get("note_day") or str(row["found_at"])[:10]
    return change


def _build_columns(change: dict[str, Any]) -> dict[str, object]:
    return {
        "product": change["product"],
        "framework": change["version"].partition("-")[0],
        "version": change["version"],
        "kind": change["kind"],
        "families": _dump(change["families"]),
        "milestone": change.get("milestone", ""),
        "day": change["day"] if change["kind"] in _DATED else None,
        "details": _dump({name: value for name, value in _list_details(change).items() if value}),
    }


def _list_details(change: dict[str, Any]) -> dict[str, str]:
    kind = change["kind"]
    details = {name: change[field] for field, name in _TEXTS.get(kind, {}).items()}
    if kind in _FLAGS:
        field, name = _FLAGS[kind]
        details[name] = "yes" if change[field] else ""
    if kind == "dependency_changed":
        details["instead_of"] = ",".join(change["replaced_families"])
    if kind == "release_note":
        details["note_day"] = change["day"]
    return details


def _text_column(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
