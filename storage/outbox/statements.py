"""Parts shared by the outbox's SQL statements: the table, its column types, and the INSERT clause.

Statements spell out states as literals, because SQLite uses a partial index only for literals. Instants are bound with
their column's type, because SQLite compares them as text.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from storage.tables import IDENTITY, OutboxRow, get_table

TABLE = get_table(OutboxRow)
INSTANT = TABLE.c.due_at.type
DAY = TABLE.c.due_on.type

INSERT = f"""
INSERT INTO outbox ({", ".join(IDENTITY)},
                    due_on, due_at, next_try_at, state, attempt, lookups, message_ts, error)
"""
ON_CONFLICT = f"ON CONFLICT ({', '.join(IDENTITY)})"
"""The condition for an entry that exists. Its columns are the reminder's identity."""


def bind_types(text: str, **types: sa.types.TypeEngine[Any]) -> sa.TextClause:
    """Return the statement with the types of its parameters."""
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=type_) for name, type_ in types.items()))


def execute(session: Session, statement: sa.TextClause, values: Mapping[str, object]) -> int:
    """Run a statement that writes. Return the number of rows it changed."""
    result = session.execute(statement, values)
    return int(result.rowcount)  # type: ignore[attr-defined] # SQLAlchemy types it for SELECT only
