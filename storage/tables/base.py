"""What columns of several tables have in common."""

import unicodedata

import sqlalchemy as sa
from sqlmodel import SQLModel

MAX_TEXT_LENGTH = 500
"""Characters in any text that is stored, so that both databases refuse alike."""


class Row(SQLModel):
    """A row of any table.

    Rows are made of facts that were checked before, so pydantic is never asked to build what it would check with: for
    all tables together that takes longer than importing pydantic.
    """

    model_config = {"defer_build": True}


def get_table(row: type[SQLModel]) -> sa.Table:
    """The table of a row, for statements that need no row: those are made once, and cost a third."""
    table: sa.Table = row.__table__  # type: ignore[attr-defined] # SQLModel does not declare it
    return table


def validate_text(text: str) -> str:
    """The text, where both databases keep it alike; raises ValueError for control characters and over-long texts."""
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(f"a text of {len(text)} characters; at most {MAX_TEXT_LENGTH} are stored")
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise ValueError("a text with control characters or half a character")
    return text
