"""The data of a status answer, loaded by one statement."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session

from storage import catalogue, channels, overrides, sources, status_context, workspaces
from storage.database import Database, DatabaseError
from storage.facts import ALL, DLVM, Channel, Schedule, Source, Workspace
from storage.status_context import StatusContext
from tests.storage.factories import NOW, make_family, make_reading, subscribe
from tests.storage.test_overrides import make_override

TARGETS = ("pytorch-2.7", "pytorch", ALL)


def load_context(database: Database, channel: str = "C1", workspace: str = "T1") -> StatusContext:
    return status_context.load(database, workspace, channel, DLVM, TARGETS)


def test_an_unknown_channel_has_an_empty_context(database: Database) -> None:
    assert load_context(database) == StatusContext("   0", "", (), ())


def test_revision_changes_after_a_reading_a_poll_or_an_override(database: Database) -> None:
    steps: list[Callable[[Session], object]] = [
        lambda session: catalogue.save(session, [make_family()], make_reading()),
        lambda session: sources.set_polling(session, NOW),
        lambda session: sources.save_poll_result(session, Source(DLVM, last_good_at=NOW + timedelta(hours=6))),
        lambda session: overrides.add(session, make_override()),
        lambda session: overrides.end(session, [1], NOW, "expired"),
    ]
    revisions = [load_context(database).revision]
    for step in steps:
        with database.transaction() as session:
            step(session)
            revisions.append(catalogue.get_revision(session))
        assert load_context(database).revision == revisions[-1]
    assert len(set(revisions)) == len(steps) + 1


def test_a_channels_zone_wins_over_its_workspaces(database: Database) -> None:
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1", zone="Europe/Berlin"))
        channels.save(session, Channel("T1", "C1", Schedule(zone="Asia/Taipei")), NOW)
    assert [load_context(database, channel).zone for channel in ("C1", "C2")] == ["Asia/Taipei", "Europe/Berlin"]


def test_the_channels_targets_are_sorted(database: Database) -> None:
    with database.transaction() as session:
        for target in ("tensorflow", "pytorch-2.3", "all"):
            subscribe(session, target=target)
        subscribe(session, "C2", "base")
    assert load_context(database).targets == ("all", "pytorch-2.3", "tensorflow")


def test_subscriptions_include_only_public_and_own_channels(database: Database) -> None:
    with database.transaction() as session:
        for channel, target in (("C2", "all"), ("C2", "pytorch"), ("C3", "pytorch-2.7"), ("C4", "tensorflow")):
            subscribe(session, channel, target)
        subscribe(session, "C1", "pytorch-2.7")
        subscribe(session, "C9", "all", workspace="T2")
        for channel, workspace in (("C2", "T1"), ("C4", "T1"), ("C9", "T2")):
            stored = channels.find(session, workspace, channel)
            assert stored is not None
            channels.save(session, replace(stored, is_public=True), NOW)
    assert load_context(database).subscriptions == (("C1", "pytorch-2.7"), ("C2", "all"), ("C2", "pytorch"))


def test_a_damaged_file_raises_a_database_error(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    database = Database(sqlite_url)
    with pytest.raises(DatabaseError, match=r"damaged|not an SQLite"):
        load_context(database)
    database.close()


@pytest.mark.postgres
def test_an_unreachable_postgresql_raises_a_database_error(tmp_path: Path) -> None:
    database = Database(f"postgresql://dlvm:secret@/dlvm?host={tmp_path}")
    with pytest.raises(DatabaseError, match="can’t be reached"):
        load_context(database)
    database.close()


def test_a_wrong_statement_is_not_a_database_error(database: Database) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError):
        database.fetch(sa.text("SELECT nonsense FROM nowhere"), {})
    assert load_context(database).revision == "   0"
