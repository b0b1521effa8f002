"""Items of the release notes, and the versions for which they were announced."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import DLVM, ReleaseNote, ReleaseNoteMention
from storage.tables import CatalogueEventRow, ReleaseNoteRow

_KEY = ("product", "day", "kind", "number")


def save(session: Session, notes: Iterable[ReleaseNote]) -> None:
    """Store new and edited items. The `first_seen` of an edited item stays unchanged."""
    for note in notes:
        values = ReleaseNoteRow.encode(note)
        updated = {name: value for name, value in values.items() if name not in {*_KEY, "first_seen"}}
        insert = insert_into(session, ReleaseNoteRow).values(**values)
        session.execute(insert.on_conflict_do_update(index_elements=list(_KEY), set_=updated))


def list_all(session: Session, product: str = DLVM) -> tuple[ReleaseNote, ...]:
    """Return every item of a product, oldest first."""
    query = select(ReleaseNoteRow).where(col(ReleaseNoteRow.product) == product)
    order = (col(ReleaseNoteRow.day), col(ReleaseNoteRow.kind), col(ReleaseNoteRow.number))
    return tuple(row.to_fact() for row in session.exec(query.order_by(*order)))


def list_for_version(session: Session, product: str, version: str) -> tuple[ReleaseNote, ...]:
    """Return the items about a version, oldest first."""
    return tuple(note for note in list_all(session, product) if version in note.versions)


def list_announced(session: Session, product: str = DLVM) -> frozenset[tuple[str, str]]:
    """Return (item, version) of every announcement."""
    changes = (row.to_fact().change for row in session.exec(select(CatalogueEventRow)))
    return frozenset(
        (change.note, change.version)
        for change in changes
        if isinstance(change, ReleaseNoteMention) and change.product == product
    )
