"""Events from before migration 0007, which stored each change as one JSON object, on both databases."""

import json
from datetime import date

import pytest
import sqlalchemy as sa

from storage import migrations
from storage.database import Database
from storage.facts import (
    DLVM,
    CatalogueChange,
    CatalogueEvent,
    DateFilledIn,
    Dependency,
    DependencyReplaced,
    Milestone,
    OverrideConflict,
    ReleaseNoteMention,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)
from tests.storage.factories import NOW, list_events
from tests.storage.test_migration_of_names import reflect

DAY, EOA = date(2027, 4, 13), Milestone.END_OF_AVAILABILITY
VERSION, FAMILIES = (DLVM, "pytorch-2.7"), ("one", "two")
REPLACED = {"what": "os", "before": "Ubuntu 22.04", "after": "Ubuntu 24.04"}
CONFLICT = {"before": "30 Jun 2027, by Ada", "after": "to be determined", "text": "Reason: x"}
NOTE = {"note": "2026-04-13 Fix 1", "note_kind": "Fix", "note_day": "2027-04-13", "text": "torn \ud800"}

CASES: tuple[tuple[dict[str, object], dict[str, str], CatalogueChange], ...] = (
    ({"kind": "arrived"}, {"is_new_version": "yes"}, RowsArrived(*VERSION, FAMILIES, is_new_version=True)),
    ({"kind": "arrived"}, {}, RowsArrived(*VERSION, FAMILIES, is_new_version=False)),
    ({"kind": "vanished"}, {"everywhere": "yes"}, RowsVanished(*VERSION, FAMILIES, is_whole_version=True)),
    ({"kind": "vanished"}, {}, RowsVanished(*VERSION, FAMILIES, is_whole_version=False)),
    ({"kind": "returned"}, {}, RowsReturned(*VERSION, FAMILIES)),
    ({"kind": "filled_in", "milestone": EOA.value, "day": DAY}, {}, DateFilledIn(*VERSION, EOA, DAY, FAMILIES)),
    (
        {"kind": "filled_in", "milestone": EOA.value, "day": DAY},
        {"text": "By Ada: x"},
        DateFilledIn(*VERSION, EOA, DAY, FAMILIES, "By Ada: x"),
    ),
    (
        {"kind": "dependency_changed"},
        REPLACED,
        DependencyReplaced(*VERSION, Dependency.OS, "Ubuntu 22.04", "Ubuntu 24.04", FAMILIES),
    ),
    (
        {"kind": "dependency_changed"},
        {**REPLACED, "instead_of": "a,b"},
        DependencyReplaced(*VERSION, Dependency.OS, "Ubuntu 22.04", "Ubuntu 24.04", FAMILIES, ("a", "b")),
    ),
    (
        {"kind": "override_conflict", "milestone": EOA.value},
        CONFLICT,
        OverrideConflict(*VERSION, EOA, None, FAMILIES, *CONFLICT.values()),
    ),
    (
        {"kind": "override_conflict", "milestone": EOA.value, "day": DAY},
        CONFLICT,
        OverrideConflict(*VERSION, EOA, DAY, FAMILIES, *CONFLICT.values()),
    ),
    (
        {"kind": "release_note", "families": "[]"},
        NOTE,
        ReleaseNoteMention(*VERSION, "2026-04-13 Fix 1", "Fix", DAY, "torn \ud800"),
    ),
)
"""Former columns and details of an event, and the change it is now."""


def _build_row(columns: dict[str, object], details: dict[str, str]) -> dict[str, object]:
    names = {"product": DLVM, "framework": "pytorch", "version": "pytorch-2.7", "found_at": NOW, "source_url": "u"}
    rest = {"families": json.dumps(FAMILIES), "milestone": "", "day": None, "details": json.dumps(details)}
    return {**names, **rest, **columns}


@pytest.fixture
def migrated(empty_database: Database) -> Database:
    migrations.migrate_to(empty_database, "0006")
    with empty_database.connection() as connection:
        table = reflect(connection, "catalogue_event")
        for columns, details, _ in CASES:
            connection.execute(table.insert().values(_build_row(columns, details)))
    migrations.migrate(empty_database)
    return empty_database


def test_events_of_every_kind_are_kept(migrated: Database) -> None:
    with migrated.read_only() as session:
        events = list_events(session, "pytorch-2.7")
    assert events == tuple(CatalogueEvent(n, NOW, "u", change) for n, (*_, change) in enumerate(CASES, 1))


def test_a_downgrade_restores_every_event(migrated: Database) -> None:
    assert migrations.migrate_to(migrated, "0006")
    with migrated.connection() as connection:
        table = reflect(connection, "catalogue_event")
        rows = connection.execute(table.select().order_by(table.c.id)).mappings().all()
        indexes = [index["name"] for index in sa.inspect(connection).get_indexes("catalogue_event")]
    assert indexes == ["ix_catalogue_event_version"]
    for row, (columns, details, _) in zip(rows, CASES, strict=True):
        expected = _build_row(columns, details)
        parsed = {name: json.loads(str(row[name])) for name in ("families", "details")}
        assert {**row, **parsed} == {
            "id": row["id"],
            **expected,
            "families": json.loads(str(expected["families"])),
            "details": details,
        }
