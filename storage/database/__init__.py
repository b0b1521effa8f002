"""Database access: engines, transactions and errors."""

from storage.database.database import Database, insert_into
from storage.database.errors import DatabaseError

__all__ = ["Database", "DatabaseError", "insert_into"]
