"""The polling state of the catalogue's sources, and the texts of polled pages."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.database import insert_into
from storage.facts import DLVM, Source
from storage.tables import PageTextRow, SourceRow, strip_nul


def find(session: Session, product: str = DLVM) -> Source:
    """Return the state of a source. A source that is not stored has never been polled."""
    row = session.get(SourceRow, product)
    return row.to_fact() if row is not None else Source(product)


def set_polling(session: Session, since: datetime | None, product: str = DLVM) -> None:
    """Turn polling on from `since`, or off if it is None. Has no effect if polling is already on or off."""
    session.execute(_insert_missing(session, product))
    polling_since = col(SourceRow.polling_since)
    has_changed = polling_since.is_not(None) if since is None else polling_since.is_(None)
    update = sa.update(SourceRow).where(col(SourceRow.product) == product, has_changed)
    session.execute(update.values(polling_since=since))


def lock(session: Session, product: str = DLVM) -> None:
    """Lock the product's dates until the transaction ends, waiting for other transactions that hold the lock."""
    session.execute(_insert_missing(session, product))
    session.execute(sa.select(col(SourceRow.product)).where(col(SourceRow.product) == product).with_for_update())


def claim(session: Session, now: datetime, interval: timedelta, product: str = DLVM, *, manual: bool = False) -> bool:
    """Claim the next poll of a source. Return False if it is too early or another process has claimed it.

    A manual poll need not be due, but has to keep the interval to the last one.
    """
    session.execute(_insert_missing(session, product))
    polled_at, next_poll_at = col(SourceRow.polled_at), col(SourceRow.next_poll_at)
    conditions = [sa.or_(polled_at.is_(None), polled_at <= now - interval)]
    if not manual:
        conditions.append(sa.or_(next_poll_at.is_(None), next_poll_at <= now))
    update = sa.update(SourceRow).where(col(SourceRow.product) == product, *conditions)
    claimed = update.values(polled_at=now, next_poll_at=now + interval).returning(col(SourceRow.product))
    return session.execute(claimed).first() is not None


def save_poll_result(session: Session, source: Source) -> None:
    """Store the result of a poll. Whether polling is on stays unchanged."""
    values = {
        "etag": _strip_unprintable(source.etag),
        "last_modified": _strip_unprintable(source.last_modified),
        "problem": _strip_unprintable(source.problem)[:500],
        "fingerprint": source.fingerprint,
        "next_poll_at": source.next_poll_at,
        "last_good_at": source.last_good_at,
        "fingerprint_since": source.fingerprint_since,
    }
    session.execute(sa.update(SourceRow).where(col(SourceRow.product) == source.product).values(**values))


def force_poll(session: Session, product: str = DLVM) -> None:
    """Make the next poll due and unconditional, so that the page is read even if it has not changed."""
    update = sa.update(SourceRow).where(col(SourceRow.product) == product)
    session.execute(update.values(etag="", last_modified="", next_poll_at=col(SourceRow.polled_at)))


def find_text(session: Session, name: str) -> str | None:
    """Return the page's text as of the last poll, or None before the first."""
    row = session.get(PageTextRow, name, populate_existing=True)
    return row.text if row is not None else None


def save_text(session: Session, name: str, text: str, now: datetime) -> None:
    """Store the page's text."""
    values = {"text": strip_nul(text), "seen_at": now}
    insert = insert_into(session, PageTextRow).values(name=name, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))


def _insert_missing(session: Session, product: str) -> sa.Executable:
    values = {"product": product, "etag": "", "last_modified": "", "problem": "", "fingerprint": ""}
    return insert_into(session, SourceRow).values(**values).on_conflict_do_nothing()


def _strip_unprintable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
