"""Settings of a channel."""

from datetime import datetime

from msgspec import Struct

from bot.answers.version_lists import NextReminder
from storage.facts import Channel


class ChannelSettings(Struct, frozen=True):
    """The settings of a channel, and the reminders that follow from them."""

    channel: Channel
    is_changed: bool
    now: datetime
    next_reminders: tuple[NextReminder, ...]
    are_release_notes_read: bool = True
    """False if dlvm does not poll the release notes. Always True if the channel does not want them."""
    errors: tuple[tuple[str, str], ...] = ()
    """(setting, sentence) for each invalid value. If there are any, nothing was changed."""
