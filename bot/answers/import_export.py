"""A channel's subscriptions and settings as a document."""

from msgspec import Struct


class Exported(Struct, frozen=True):
    """The document of a channel, YAML."""

    text: str
    subscriptions: int


class ImportForm(Struct, frozen=True):
    """A document is to be pasted into a form."""


class Imported(Struct, frozen=True):
    """What a document changes, or has changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]
    """(setting, before, after)."""
    kept: int
    """Subscriptions that stay."""
    applied: bool

    @property
    def changes(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.settings)
