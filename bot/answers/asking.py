"""Answers that ask back, or say what is not there."""

from dataclasses import dataclass

from bot.answers.status import Source


@dataclass(frozen=True, slots=True)
class WhichFramework:
    """A bare number that frameworks share."""

    number: str
    versions: tuple[str, ...]
    verb: str


@dataclass(frozen=True, slots=True)
class NotInCatalogue:
    """A version the catalogue does not list, which is not to say that it does not exist."""

    asked: str
    neighbours: tuple[str, ...]
    source: Source
    elsewhere: tuple[str, ...] = ()
    """The same version on sister products, by name."""


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """Words that are close to names in the catalogue."""

    asked: str
    suggestions: tuple[str, ...]
    verb: str


@dataclass(frozen=True, slots=True)
class MovingFamily:
    """A `latest` family, which has no dates of its own."""

    asked: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherProduct:
    """An image of a product that is not in this table."""

    asked: str
    product: str
    related: str = ""
    """A version of ours that comes close, by name; empty for none."""
    dated: str = ""
    """The command that shows its own dates, where they are known and only watching is not possible."""


@dataclass(frozen=True, slots=True)
class Help:
    """How to use the command; with a reason where something was not understood."""

    reason: str = ""
