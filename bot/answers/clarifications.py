"""Answers to a command that can't be resolved to one version: questions back, unknown versions, help."""

from msgspec import Struct

from bot.answers.status import Source


class WhichFramework(Struct, frozen=True):
    """A bare version number that several frameworks have."""

    number: str
    versions: tuple[str, ...]
    verb: str


class NotInCatalogue(Struct, frozen=True):
    """A version that the catalogue does not list. Its image can still exist."""

    query: str
    neighbours: tuple[str, ...]
    source: Source
    related_versions: tuple[str, ...] = ()
    """Names of the version on related products, with their prefixes."""


class DidYouMean(Struct, frozen=True):
    """An unknown name that is similar to names in the catalogue."""

    query: str
    suggestions: tuple[str, ...]
    verb: str


class RollingFamily(Struct, frozen=True):
    """A `latest` family. It points to changing versions, so it has no dates."""

    query: str
    suggestions: tuple[str, ...]


class OtherProduct(Struct, frozen=True):
    """An image of a product other than Deep Learning VM."""

    query: str
    product: str
    dlvm_version: str = ""
    """The closest Deep Learning VM version, by name; empty if there is none."""
    dates_command: str = ""
    """The command that shows its dates, if they are known but can't be subscribed to; otherwise empty."""


class Help(Struct, frozen=True):
    """How to use the command."""

    reason: str = ""
    """Why the command was not understood; empty if help was requested."""
