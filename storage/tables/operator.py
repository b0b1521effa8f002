"""The table of notes to the operator."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import OperatorNote
from storage.tables.base import Row


class OperatorNoteRow(Row, table=True):
    """A note to the operator."""

    __tablename__ = "operator_note"
    __table_args__ = (sa.UniqueConstraint("topic", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    topic: str
    key: str
    text: str
    made_at: datetime
    finding_id: int | None = None
    url: str = ""

    def to_fact(self) -> OperatorNote:
        """Convert the row to a fact."""
        return OperatorNote(self.id or 0, self.topic, self.key, self.text, self.made_at, self.finding_id, self.url)
