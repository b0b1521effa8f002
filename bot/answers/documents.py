"""A channel's subscriptions and settings as a document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exported:
    """The document of a channel, YAML."""

    text: str
    subscriptions: int


@dataclass(frozen=True, slots=True)
class ImportForm:
    """A document is to be pasted into a form."""


@dataclass(frozen=True, slots=True)
class Imported:
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
