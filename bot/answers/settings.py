"""Settings of a channel."""

from datetime import datetime

from msgspec import Struct

from bot.answers.version_lists import NextReminder
from storage.facts import QuietHours, Schedule


class ChannelSettings(Struct, frozen=True):
    """The settings of a channel, and the reminders that follow from them."""

    schedule: Schedule
    is_zone_set: bool
    """False if the channel uses the default zone."""
    is_changed: bool
    now: datetime
    next_reminders: tuple[NextReminder, ...]
    quiet: QuietHours | None = None
    mention: str = ""
    """The id of the person or user group to mention; empty for none."""
    mention_from: int = 7
    """The number of days before a date from which the mention is added."""
    weekly: bool = False
    release_notes: bool = False
    are_release_notes_read: bool = True
    """False if dlvm does not poll the release notes. Always True if the channel does not want them."""
    errors: tuple[tuple[str, str], ...] = ()
    """(setting, sentence) for each invalid value. If there are any, nothing was changed."""
