"""The base class of all rows, and the check that stored texts pass."""

import unicodedata

import sqlalchemy as sa
from sqlmodel import SQLModel

MAX_TEXT_LENGTH = 500
"""Characters of a stored text, so that both databases refuse the same ones."""


class Row(SQLModel):
    """A row of any table.

    Rows are built from validated facts, so pydantic's validators are never built: for all tables together that takes
    longer than importing pydantic.
    """

    model_config = {"defer_build": True}


def get_table(row: type[SQLModel]) -> sa.Table:
    """Return the table of a row class, for Core statements: they are built once and cost a third of the ORM's."""
    table: sa.Table = row.__table__  # type: ignore[attr-defined] # SQLModel does not declare it
    return table


def validate_text(text: str) -> str:
    """Return the text if both databases store it unchanged.

    Raise ValueError for control characters, lone surrogates and texts over MAX_TEXT_LENGTH.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(f"the text has {len(text)} characters; at most {MAX_TEXT_LENGTH} can be stored")
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise ValueError("the text has control characters or a lone surrogate")
    return text
