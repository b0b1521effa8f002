"""The table of notes to the operator."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import OperatorNote
from storage.tables.base import FactRow, Row


class OperatorNoteRow(Row, FactRow[OperatorNote], table=True):
    """A note to the operator."""

    __tablename__ = "operator_note"
    long_texts: ClassVar = ("text",)
    __table_args__ = (sa.UniqueConstraint("topic", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    topic: str
    key: str
    text: str
    created_at: datetime
    quarantine_entry_id: int | None = None
    url: str = ""
