"""The words of pages that are watched, as they were last seen."""

from datetime import datetime

from sqlmodel import Session

from storage.database import insert_into
from storage.tables import PageTextRow


def find(session: Session, name: str) -> str | None:
    """What the page said; None where it was never seen."""
    row = session.get(PageTextRow, name, populate_existing=True)
    return row.text if row is not None else None


def save(session: Session, name: str, text: str, now: datetime) -> None:
    """Stores what the page says from now on."""
    said = {"text": text.replace("\0", ""), "seen_at": now}
    session.execute(
        insert_into(session, PageTextRow)
        .values(name=name, **said)
        .on_conflict_do_update(index_elements=["name"], set_=said)
    )
