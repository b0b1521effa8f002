"""What a question is answered from, in one statement."""

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
from tests.storage.test_overrides import word

TARGETS = ("pytorch-2.7", "pytorch", ALL)


def load_context(database: Database, channel: str = "C1", workspace: str = "T1") -> StatusContext:
    return status_context.load(database, workspace, channel, DLVM, TARGETS)


def test_of_an_unknown_place_nothing_is_known(database: Database) -> None:
    assert load_context(database) == StatusContext("   0", "", (), ())


def test_the_mark_is_another_one_after_each_reading_look_at_the_page_and_word_of_a_person(database: Database) -> None:
    steps: list[Callable[[Session], object]] = [
        lambda session: catalogue.save(session, [make_family()], make_reading()),
        lambda session: sources.set_polling(session, NOW),
        lambda session: sources.save_poll_result(session, Source(DLVM, last_good_at=NOW + timedelta(hours=6))),
        lambda session: overrides.add(session, word()),
        lambda session: overrides.end(session, [1], NOW, "over"),
    ]
    marks = [load_context(database).revision]
    for step in steps:
        with database.transaction() as session:
            step(session)
            marks.append(catalogue.get_revision(session))
        assert load_context(database).revision == marks[-1]
    assert len(set(marks)) == len(steps) + 1


def test_a_channels_zone_comes_before_its_workspaces(database: Database) -> None:
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1", zone="Europe/Berlin"))
        channels.save(session, Channel("T1", "C1", Schedule(zone="Asia/Taipei")), NOW)
    assert [load_context(database, channel).zone for channel in ("C1", "C2")] == ["Asia/Taipei", "Europe/Berlin"]


def test_what_the_channel_watches_comes_by_target(database: Database) -> None:
    with database.transaction() as session:
        for target in ("tensorflow", "pytorch-2.3", "all"):
            subscribe(session, target=target)
        subscribe(session, "C2", "base")
    assert load_context(database).targets == ("all", "pytorch-2.3", "tensorflow")


def test_who_watches_comes_by_channel_and_target_and_only_who_may_be_named(database: Database) -> None:
    with database.transaction() as session:
        for channel, target in (("C2", "all"), ("C2", "pytorch"), ("C3", "pytorch-2.7"), ("C4", "tensorflow")):
            subscribe(session, channel, target)
        subscribe(session, "C1", "pytorch-2.7")
        subscribe(session, "C9", "all", workspace="T2")
        for channel, workspace in (("C2", "T1"), ("C4", "T1"), ("C9", "T2")):
            found = channels.find(session, workspace, channel)
            assert found is not None
            channels.save(session, replace(found, is_public=True), NOW)
    assert load_context(database).subscriptions == (("C1", "pytorch-2.7"), ("C2", "all"), ("C2", "pytorch"))


def test_a_damaged_file_is_told_in_a_sentence(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    database = Database(sqlite_url)
    with pytest.raises(DatabaseError, match=r"damaged|not an SQLite"):
        load_context(database)
    database.close()


@pytest.mark.postgres
def test_postgresql_that_does_not_run_is_told_in_a_sentence(tmp_path: Path) -> None:
    database = Database(f"postgresql://dlvm:secret@/dlvm?host={tmp_path}")
    with pytest.raises(DatabaseError, match="can’t be reached"):
        load_context(database)
    database.close()


def test_a_mistake_of_ours_is_not_blamed_on_the_database(database: Database) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError):
        database.fetch(sa.text("SELECT nonsense FROM nowhere"), {})
    assert load_context(database).revision == "   0"
