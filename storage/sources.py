"""How the reading of a page stands: when it was tried, when it is next, and what the newest reading was."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.database import insert_into
from storage.facts import DLVM, Source
from storage.tables import PageTextRow, SourceRow


def find(session: Session, product: str = DLVM) -> Source:
    """How it stands; as nothing was tried where nothing is stored."""
    row = session.get(SourceRow, product)
    return row.to_fact() if row is not None else Source(product)


def set_polling(session: Session, since: datetime | None, product: str = DLVM) -> None:
    """Notes that the page is fetched from now on, or no longer; whoever is watched already stays so."""
    session.execute(_made(session, product))
    change = sa.update(SourceRow).where(col(SourceRow.product) == product)
    if since is None:
        change = change.where(col(SourceRow.watched_since).is_not(None))
    else:
        change = change.where(col(SourceRow.watched_since).is_(None))
    session.execute(change.values(watched_since=since))


def lock(session: Session, product: str = DLVM) -> None:
    """Waits until no other transaction changes the product's dates, and keeps others waiting until this one ends."""
    session.execute(_made(session, product))
    session.execute(sa.select(col(SourceRow.product)).where(col(SourceRow.product) == product).with_for_update())


def claim(session: Session, now: datetime, interval: timedelta, product: str = DLVM, *, manual: bool = False) -> bool:
    """Whether the page may be tried now; then it counts as tried. Of several processes one begins.

    By hand it need not be due, only so long after the last attempt as the pace says.
    """
    session.execute(_made(session, product))
    tried, due = col(SourceRow.tried_at), col(SourceRow.next_at)
    ready = [sa.or_(tried.is_(None), tried <= now - interval)]
    if not manual:
        ready.append(sa.or_(due.is_(None), due <= now))
    change = sa.update(SourceRow).where(col(SourceRow.product) == product, *ready)
    done = session.execute(change.values(tried_at=now, next_at=now + interval).returning(col(SourceRow.product)))
    return done.first() is not None


def save_poll_result(session: Session, source: Source) -> None:
    """Stores what an attempt came to; since when the page is watched stays as it was."""
    values = {
        "etag": _printable(source.etag),
        "last_modified": _printable(source.last_modified),
        "problem": _printable(source.problem)[:500],
        "fingerprint": source.fingerprint,
        "next_at": source.next_poll_at,
        "good_at": source.last_good_at,
        "fingerprint_since": source.fingerprint_since,
    }
    session.execute(sa.update(SourceRow).where(col(SourceRow.product) == source.product).values(**values))


def force_poll(session: Session, product: str = DLVM) -> None:
    """Has the page be read as soon as the pace allows, whether it changed or not."""
    change = sa.update(SourceRow).where(col(SourceRow.product) == product)
    session.execute(change.values(etag="", last_modified="", next_at=col(SourceRow.tried_at)))


def _made(session: Session, product: str) -> sa.Executable:
    row = {"product": product, "etag": "", "last_modified": "", "problem": "", "fingerprint": ""}
    return insert_into(session, SourceRow).values(**row).on_conflict_do_nothing()


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def find_text(session: Session, name: str) -> str | None:
    """What the page said; None where it was never seen."""
    row = session.get(PageTextRow, name, populate_existing=True)
    return row.text if row is not None else None


def save_text(session: Session, name: str, text: str, now: datetime) -> None:
    """Stores what the page says from now on."""
    said = {"text": text.replace("\0", ""), "seen_at": now}
    session.execute(
        insert_into(session, PageTextRow)
        .values(name=name, **said)
        .on_conflict_do_update(index_elements=["name"], set_=said)
    )
