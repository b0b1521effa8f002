"""Facts of notes to the operator."""

from datetime import datetime

from msgspec import Struct


class OperatorNote(Struct, frozen=True):
    """A note to the operator of this installation. Topic and key identify it, so that it is sent once."""

    note_id: int
    topic: str
    """`held`, `stale`, `policy`, `contradicted`, `bug`."""
    key: str
    text: str
    created_at: datetime
    quarantine_entry_id: int | None = None
    """The entry that can be accepted or rejected in the note."""
    url: str = ""
