"""A channel's subscriptions and settings as a document."""

from msgspec import Struct


class ChannelExport(Struct, frozen=True):
    """The document of a channel, YAML."""

    text: str
    subscription_count: int


class ImportForm(Struct, frozen=True):
    """A document is to be pasted into a form."""


class ImportResult(Struct, frozen=True):
    """What a document changes, or has changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]
    """(setting, before, after)."""
    unchanged: int
    """Subscriptions that stay."""
    is_applied: bool

    @property
    def has_changes(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.settings)
