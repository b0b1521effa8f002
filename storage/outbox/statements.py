"""What the outbox's statements share: the table, its types, and binding values with them.

States stand in statements as literals, or SQLite would not use the partial index; instants are bound with their
column's type, or equal ones would differ.
"""

from typing import Any

import sqlalchemy as sa

from storage.tables import OutboxRow, get_table

TABLE = get_table(OutboxRow)
INSTANT = TABLE.c.due_at.type
DAY = TABLE.c.due_on.type


def bind_types(text: str, **types: sa.types.TypeEngine[Any]) -> sa.TextClause:
    """The statement with the types of its values."""
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=kind) for name, kind in types.items()))
