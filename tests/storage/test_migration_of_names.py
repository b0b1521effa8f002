"""Rows from before migration 0006, which renamed tables and columns, on both databases."""

from datetime import UTC, date, datetime, time

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel.sql.sqltypes import UTCDateTime

from storage import (
    access_requests,
    audit_log,
    catalogue,
    catalogue_history,
    channels,
    decisions,
    installations,
    migrations,
    operator_notes,
    outbox,
    overrides,
    quarantine,
    sources,
    workspaces,
)
from storage.database import Database
from storage.facts import (
    DLVM,
    AccessRequest,
    AuditEntry,
    Decision,
    DecisionKind,
    HistoricalValue,
    Installation,
    Milestone,
    OperatorNote,
    Override,
    PermissionRule,
    PossibleDuplicate,
    QuarantineEntry,
    QuietHours,
    Resolution,
    Schedule,
    Source,
    Workspace,
)

AT = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
DAY = date(2027, 4, 13)
MILESTONE = Milestone.END_OF_AVAILABILITY
_PLACE = {"workspace_id": "T1", "channel_id": "C1"}
_ABOUT = {"product": DLVM, "version": "pytorch-2.3", "milestone": "end_of_availability"}

ROWS: dict[str, dict[str, object]] = {
    "schedule": {"id": 1, "zone": "UTC", "hour": "09:30", "ladder": "90,0,-1", "days_off": "", "country": "DE"}
    | {"planned_through": AT, "next_plan_at": AT},
    "channel": {**_PLACE, "schedule_id": 1, "zone_set": True, "is_public": True, "is_shared": False, "health": "ok"}
    | {"health_reason": "", "name": "ml", "creator": "U1", "quiet": "18:00-09:05", "looked_at": AT}
    | {"mention": "", "mention_from": 7, "weekly": False, "notes": False},
    "workspace": {"workspace_id": "T1", "name": "Acme", "bot_id": "B1", "bot_user_id": "U0", "zone": "UTC"}
    | {"managing": "named", "managers": '["U1"]', "suspended_since": None},
    "installation": {"enterprise_id": "", "workspace_id": "T1", "token": "x", "bot_id": "B1", "bot_user_id": "U0"}
    | {"scopes": "chat:write commands", "installed_by": "U1", "installed_at": AT, "name": "Acme"},
    "change": {**_PLACE, "who": "U1", "what": "subscribe", "at": AT, "before": "a", "after": "b"},
    "asking": {**_PLACE, "asked_by": "U1", "asked_of": "U2", "command": "mute", "asked_at": AT, "settled_at": AT}
    | {"granted": True},
    "finding": {"product": DLVM, "family": "f", "field": "page", "printed": "p", "reason": "r", "last_good": "l"}
    | {"fingerprint": "h", "difference": '["a", "b"]', "acceptable": True, "found_at": AT, "settled": "rejected"}
    | {"settled_by": "T1/U1 in Slack", "settled_at": AT},
    "former_value": {"product": DLVM, "version": "pytorch-2.3", "family": "f", "field": "row", "printed": "f"}
    | {"value": "listed", "source_url": "u", "first_seen": AT},
    "pace": {**_PLACE, "free_at": AT},
    "possible_repeat": {**_PLACE, "entry_id": 7, "delivery_id": "d", "why": "timeout", "at": AT},
    "source": {"product": DLVM, "etag": "e", "last_modified": "", "problem": "", "fingerprint": "", "good_at": AT}
    | {"watched_since": AT, "tried_at": AT, "next_at": AT},
    "decision": {**_PLACE, **_ABOUT, "decided": "snoozed", "decided_by": "U1", "decided_at": AT, "until": DAY}
    | {"milestone_date": DAY, "given_for": DAY, "ended_why": ""},
    "date_override": {**_ABOUT, "family": "", "day": DAY, "reason": "mail", "set_by": "U1", "set_at": AT}
    | {"upstream": str(DAY), "ended_why": "agrees", "ended_at": AT},
    "catalogue_reading": {"product": DLVM, "source_url": "u", "as_of": DAY, "read_at": AT, "rows": 1}
    | {"held_back": '["cell"]'},
    "operator_note": {"topic": "held", "key": "1", "text": "t", "made_at": AT, "finding_id": 1, "url": ""},
}

OUTBOX: dict[tuple[str, str, str, int], tuple[str, str, int, str, str]] = {
    ("reminder", "pytorch-2.3", MILESTONE, 30): ("reminder", "pytorch-2.3", 30, "", ""),
    ("correction", "pytorch-2.3", MILESTONE, 30): ("correction", "pytorch-2.3", 30, "", ""),
    ("closing", "pytorch-2.3", MILESTONE, 30): ("undo_expired", "pytorch-2.3", 30, "", ""),
    ("correction", "4", "", 0): ("correction", "", 0, "4", ""),
    ("moved", "pytorch-2.3", MILESTONE, 17): ("date_change", "pytorch-2.3", 0, "17", ""),
    ("moved", "pytorch-2.3", MILESTONE, 18): ("date_change", "pytorch-2.3", 0, "18", ""),
    ("news", "pytorch-2.3", MILESTONE, 17): ("event", "pytorch-2.3", 0, "17", ""),
    ("note", "pytorch-2.3", "", 18): ("release_note", "pytorch-2.3", 0, "18", ""),
    ("weekly", "all", "", 0): ("weekly", "", 0, "", ""),
    ("health", "C2", "", 1): ("health", "", 0, "C2", "needs_invite"),
    ("health", "C2", "", 2): ("health", "", 0, "C2", "archived"),
    ("health", "C3", "", 1): ("health", "", 0, "C3", "needs_invite"),
    ("introduction", "U7", "", 0): ("introduction", "", 0, "U7", ""),
    ("asking", "5", "", 0): ("access_request", "", 0, "5", ""),
    ("granted", "5", "", 0): ("access_answer", "", 0, "5", ""),
    ("operator", "4", "", 0): ("operator_note", "", 0, "4", ""),
}
"""Kind, version, milestone and rung before the migration; kind, version, rung, subject and health after it."""


@pytest.fixture
def migrated(empty_database: Database) -> Database:
    migrations.migrate_to(empty_database, "0005")
    with empty_database.connection() as connection:
        for table, row in ROWS.items():
            connection.execute(reflect(connection, table).insert().values(row))
        rows = [dict(zip(("kind", "version", "milestone", "rung"), key, strict=True)) for key in OUTBOX]
        entry = {**_PLACE, "product": DLVM, "milestone_date": DAY, "due_on": DAY, "due_at": AT, "state": "pending"}
        entry |= {"attempt": 0, "next_try_at": AT, "message_ts": "", "error": "", "looks": 0}
        connection.execute(reflect(connection, "outbox").insert(), [entry | row for row in rows])
    migrations.migrate(empty_database)
    return empty_database


def test_settings_and_installations_are_kept(migrated: Database) -> None:
    with migrated.read_only() as session:
        channel = channels.find(session, "T1", "C1")
        assert channel is not None
        assert channel.schedule == Schedule("UTC", time(9, 30), (90, 0, -1), (), "DE")
        assert (channel.quiet, channel.has_own_zone) == (QuietHours(time(18), time(9, 5)), True)
        assert channels.list_unchecked_since(session, AT, 9) == ()
        expected = Workspace("T1", "Acme", "B1", "U0", "UTC", permission_rule=PermissionRule.NAMED, managers=("U1",))
        assert workspaces.find(session, "T1") == expected
        scopes = ("chat:write", "commands")
        assert installations.list_all(session) == (Installation("", "T1", "x", "B1", "U0", scopes, "U1", AT, "Acme"),)


def test_what_people_did_is_kept(migrated: Database) -> None:
    with migrated.read_only() as session:
        entry = AuditEntry("T1", "C1", "U1", "subscribe", AT, "a", "b")
        assert audit_log.list_for_channels(session, "T1", ["C1"], skip=0, limit=9) == (entry,)
        request = AccessRequest(1, "T1", "C1", "U1", "U2", "mute", AT, AT, granted=True)
        assert access_requests.find(session, "T1", 1) == request
        decision = Decision(
            "T1",
            "C1",
            DLVM,
            "pytorch-2.3",
            DecisionKind.SNOOZED,
            "U1",
            AT,
            Milestone.END_OF_AVAILABILITY,
            DAY,
            DAY,
            DAY,
        )
        assert decisions.list_for_channel(session, "T1", "C1") == (decision,)


def test_the_catalogue_and_its_review_are_kept(migrated: Database) -> None:
    with migrated.read_only() as session:
        (entry,) = quarantine.list_all(session)
        assert entry == QuarantineEntry(
            1, DLVM, "f", "page", "p", "r", "l", "h", ("a", "b"), True, AT, Resolution.REJECTED, "U1", AT, "T1"
        )
        value = HistoricalValue(DLVM, "pytorch-2.3", "f", "row", "f", "listed", "u", AT)
        assert catalogue_history.list_values(session) == (value,)
        assert sources.find(session) == Source(DLVM, AT, AT, AT, AT, etag="e")
        assert overrides.list_all(session) == (
            Override(
                1,
                DLVM,
                "pytorch-2.3",
                "",
                Milestone.END_OF_AVAILABILITY,
                DAY,
                "mail",
                "U1",
                AT,
                None,
                str(DAY),
                AT,
                "agrees",
            ),
        )
        reading = catalogue.find_last_reading(session)
        assert reading is not None
        assert reading.quarantined == ("cell",)


def test_the_operators_records_are_kept(migrated: Database) -> None:
    with migrated.read_only() as session:
        assert operator_notes.list_since(session, AT) == (OperatorNote(1, "held", "1", "t", AT, 1),)
        assert outbox.list_possible_duplicates(session) == (PossibleDuplicate(7, "T1", "C1", "d", "timeout", AT),)
        assert outbox.get_next_free_time(session, datetime(2026, 1, 1, tzinfo=UTC)) == AT


def test_each_fact_of_an_outbox_entry_has_its_column(migrated: Database) -> None:
    with migrated.read_only() as session:
        reminders = [entry.reminder for entry in outbox.list_for_channel(session, "T1", "C1")]
    columns = [(r.kind, r.version, r.rung, r.subject, r.health or "") for r in reminders]
    assert columns == list(OUTBOX.values())
    with migrated.transaction() as session:
        assert not any(outbox.add(session, reminder, AT) for reminder in reminders)
        assert outbox.add(session, replace(reminders[-1], subject="5"), AT)


def test_a_downgrade_restores_every_row(migrated: Database) -> None:
    assert migrations.migrate_to(migrated, "0005")
    with migrated.connection() as connection:
        entries = reflect(connection, "outbox")
        query = sa.select(entries.c.kind, entries.c.version, entries.c.milestone, entries.c.rung)
        assert [tuple(row) for row in connection.execute(query.order_by(entries.c.id))] == list(OUTBOX)
        for name, row in ROWS.items():
            stored = connection.execute(reflect(connection, name).select()).mappings().one()
            assert {column: stored[column] for column in row} == row


def reflect(connection: sa.Connection, name: str) -> sa.Table:
    """Return the table as it is stored, with aware instants on both databases."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    for column in table.c:
        if isinstance(column.type, sa.DateTime):
            column.type = UTCDateTime()
    return table
