"""Items of the release notes, and which versions channels were told of."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import DLVM, EventKind, ReleaseNote
from storage.tables import CatalogueEventRow, ReleaseNoteRow

NOTE_DETAIL = "note"
"""What an event's details call the item that it is from."""

_KEY = ("product", "day", "kind", "number")


def save(session: Session, notes: Iterable[ReleaseNote]) -> None:
    """Stores items, new ones and such as were edited; when one was first seen stays as it was."""
    for note in notes:
        values = ReleaseNoteRow.from_fact(note).model_dump()
        changing = {name: value for name, value in values.items() if name not in {*_KEY, "first_seen"}}
        session.execute(
            insert_into(session, ReleaseNoteRow)
            .values(**values)
            .on_conflict_do_update(index_elements=list(_KEY), set_=changing)
        )


def list_all(session: Session, product: str = DLVM) -> tuple[ReleaseNote, ...]:
    """Every item of a product, oldest first."""
    row = ReleaseNoteRow
    query = select(row).where(col(row.product) == product).order_by(col(row.day), col(row.kind), col(row.number))
    return tuple(found.to_fact() for found in session.exec(query))


def list_for_version(session: Session, product: str, version: str) -> tuple[ReleaseNote, ...]:
    """The items that are about a version, oldest first."""
    return tuple(note for note in list_all(session, product) if version in note.versions)


def list_announced(session: Session, product: str = DLVM) -> frozenset[tuple[str, str]]:
    """(item, version) of everything that channels were told of, with the item as the event's details name it."""
    row = CatalogueEventRow
    query = select(row).where(col(row.product) == product, col(row.kind) == EventKind.RELEASE_NOTE.value)
    return frozenset(
        (event.details.get(NOTE_DETAIL, ""), event.version) for event in (r.to_fact() for r in session.exec(query))
    )
