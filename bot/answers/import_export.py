"""The subscriptions and settings of a channel as a YAML document."""

from msgspec import Struct


class ChannelExport(Struct, frozen=True):
    """The YAML document of a channel."""

    text: str
    subscription_count: int


class ImportForm(Struct, frozen=True):
    """The import needs a form to paste the document in."""


class ImportResult(Struct, frozen=True):
    """The changes that importing a document makes or has made."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]
    """(setting, before, after)."""
    unchanged: int
    """The number of subscriptions that stay."""
    is_applied: bool

    @property
    def has_changes(self) -> bool:
        """True if the document differs from the channel."""
        return bool(self.added or self.removed or self.settings)
