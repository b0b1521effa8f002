"""Answers that ask back, or say what is not there."""

from msgspec import Struct

from bot.answers.status import Source


class WhichFramework(Struct, frozen=True):
    """A bare number that frameworks share."""

    number: str
    versions: tuple[str, ...]
    verb: str


class NotInCatalogue(Struct, frozen=True):
    """A version the catalogue does not list, which is not to say that it does not exist."""

    query: str
    neighbours: tuple[str, ...]
    source: Source
    sister_versions: tuple[str, ...] = ()
    """The same version on sister products, by name."""


class DidYouMean(Struct, frozen=True):
    """Words that are close to names in the catalogue."""

    query: str
    suggestions: tuple[str, ...]
    verb: str


class RollingFamily(Struct, frozen=True):
    """A `latest` family, which has no dates of its own."""

    query: str
    suggestions: tuple[str, ...]


class OtherProduct(Struct, frozen=True):
    """An image of a product that is not in this table."""

    query: str
    product: str
    dlvm_version: str = ""
    """A version of ours that comes close, by name; empty for none."""
    dates_command: str = ""
    """The command that shows its own dates, where they are known and only watching is not possible."""


class Help(Struct, frozen=True):
    """How to use the command; with a reason where something was not understood."""

    reason: str = ""
