"""Base of the services that answer for a channel from the catalogue."""

from sqlmodel import Session

from bot.service.place import Place, get_channel
from bot.service.versions.snapshot import SnapshotCache
from storage.database import Database
from storage.facts import Channel, Schedule


class ChannelService:
    """A service with the database, the catalogue, and the default schedule of channels."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def _get_channel(self, session: Session, place: Place) -> Channel:
        return get_channel(session, place, self._default)
