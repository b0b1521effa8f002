"""Items of the release notes, and their announcements."""

from datetime import date, timedelta

from msgspec.structs import replace

from storage import catalogue_history, release_notes
from storage.database import Database
from storage.facts import DLVM, ReleaseNote
from tests.storage.factories import NOTE_MENTION, NOW, make_event

NOTE = ReleaseNote(
    product=DLVM,
    day=date(2025, 7, 14),
    kind="Breaking",
    number=1,
    milestone="",
    text="PyTorch 2.3 and earlier\nEnd of patch.",
    text_hash="h1",
    url="https://docs.example.test/#July_14_2025",
    versions=("pytorch-2.3", "pytorch-2.2"),
    first_seen=NOW,
)


def test_items_are_listed_by_day_kind_and_number(database: Database) -> None:
    second, feature = replace(NOTE, number=2, versions=()), replace(NOTE, kind="Feature", versions=("pytorch-2.30",))
    earlier = replace(NOTE, day=date(2024, 1, 2))
    with database.transaction() as session:
        release_notes.save(session, (feature, second, NOTE, earlier))
        release_notes.save(session, [replace(NOTE, product="other")])
    with database.read_only() as session:
        assert release_notes.list_all(session) == (earlier, NOTE, second, feature)
        assert release_notes.list_for_version(session, DLVM, "pytorch-2.3") == (earlier, NOTE)
        assert release_notes.list_for_version(session, DLVM, "pytorch-2") == ()


def test_an_edited_item_keeps_the_time_it_was_first_seen(database: Database) -> None:
    later = NOW + timedelta(hours=6)
    edited = replace(NOTE, text="edited", text_hash="h2", versions=("pytorch-2.3",), first_seen=later, changed_at=later)
    with database.transaction() as session:
        release_notes.save(session, [NOTE])
        release_notes.save(session, [edited])
    with database.read_only() as session:
        assert release_notes.list_all(session) == (replace(edited, first_seen=NOW),)


def test_announcements_are_listed_by_item_and_version(database: Database) -> None:
    with database.transaction() as session:
        catalogue_history.add_event(session, make_event(NOTE_MENTION))
        catalogue_history.add_event(session, make_event())
    with database.read_only() as session:
        assert release_notes.list_announced(session) == {(NOTE_MENTION.note, NOTE_MENTION.version)}
        assert release_notes.list_announced(session, "another") == frozenset()
