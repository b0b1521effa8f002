"""Subscribing a channel and setting how it is reminded, at once: all of it happens, or none."""

from collections.abc import Sequence
from datetime import datetime

from bot import answers
from bot.service.place import Place
from bot.service.subscriptions import setting_values
from bot.service.subscriptions.settings import ChannelSettings
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.versions import resolve
from bot.service.versions.snapshot import KnownVersions
from storage.database import Database
from storage.facts import Schedule


class Enrolling:
    """What the form for subscribing does."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._subscriptions = Subscriptions(database, known, default)
        self._settings = ChannelSettings(database, known, default)

    def enrol(
        self,
        targets: Sequence[str],
        wished: Sequence[setting_values.Wish],
        place: Place,
        now: datetime,
        *,
        reach: answers.Reach,
        is_public: bool,
    ) -> answers.Answer:
        """Subscribed, on the settings wished; else the answer that says what was not understood."""
        text = " ".join(targets)
        with self._database.transaction() as session:
            meant = resolve.targets(text, self._known.read(session))
            if not isinstance(meant, tuple):
                return meant
            settings = self._settings.change_in(session, wished, place, now) if wished else None
            if settings is not None and settings.problems:
                return settings
            return self._subscriptions.subscribe_in(session, text, place, now, reach=reach, is_public=is_public)
