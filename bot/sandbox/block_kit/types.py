"""Whether a piece of a payload fits its slot: the little language in which `shapes` is written.

A problem reads as Slack's do, with a JSON pointer to the piece at its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Piece = Mapping[str, Any]


LONGEST_TEXT = 3_000
"""Characters of any text object; many places hold fewer."""


class Slot(Protocol):
    """What may stand under a key."""

    def problems(self, value: object, at: str, shapes: "Shapes") -> Iterator[str]:
        """What is wrong with the value at a JSON pointer."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of Block Kit: the page that describes it, what must and what may stand under its keys."""

    page: str
    needs: Mapping[str, Slot]
    may: Mapping[str, Slot] = field(default_factory=dict)


Shapes = Mapping[str, Shape]


def problem(says: str, at: str) -> str:
    """A problem as Slack words it."""
    return f"[ERROR] {says} [json-pointer:{at or '/'}]"


@dataclass(frozen=True, slots=True)
class Chars:
    """A string of so many characters."""

    most: int
    least: int = 1

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """Not a string, too short, too long."""
        del shapes
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif not self.least <= len(value) <= self.most:
            yield problem(f"must be {self.least} to {self.most} characters, is {len(value)}", at)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """Any other value."""
        del shapes
        if value not in self.words:
            yield problem(f"must be one of {', '.join(self.words)}", at)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """Anything else."""
        del shapes
        if not isinstance(value, bool):
            yield problem("must be true or false", at)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds."""

    least: int
    most: int

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """No whole number, or outside."""
        del shapes
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.least <= int(str(value)) <= self.most:
            yield problem(f"must be a whole number from {self.least} to {self.most}", at)


@dataclass(frozen=True, slots=True)
class Text:
    """A text object of certain types, its text of so many characters."""

    most: int
    types: tuple[str, ...] = ("plain_text",)

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """Not such an object, or its text too short or too long."""
        yield from One(self.types).problems(value, at, shapes)
        text = value.get("text") if isinstance(value, Mapping) else None
        if isinstance(text, str) and self.most < len(text) <= LONGEST_TEXT:
            yield from Chars(self.most).problems(text, f"{at}/text", shapes)


@dataclass(frozen=True, slots=True)
class One:
    """An object of one of these shapes; where there is only one it may leave out its type."""

    kinds: tuple[str, ...]

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """No object, one of another kind, or one that breaks its shape."""
        if not isinstance(value, Mapping):
            yield problem("must be an object", at)
            return
        kind = value.get("type", self.kinds[0] if len(self.kinds) == 1 else None)
        if kind not in self.kinds:
            yield problem(f"unsupported type: {kind!s:.40}", f"{at}/type")
            return
        yield from misfits(value, shapes[str(kind)], at, shapes)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of so many."""

    slot: Slot
    most: int
    least: int = 1

    def problems(self, value: object, at: str, shapes: Shapes) -> Iterator[str]:
        """No list, too few, too many, or one that does not fit."""
        if not isinstance(value, list | tuple):
            yield problem("must be a list", at)
            return
        if not self.least <= len(value) <= self.most:
            yield problem(f"must have {self.least} to {self.most} items, has {len(value)}", at)
        for place, one in enumerate(value):
            yield from self.slot.problems(one, f"{at}/{place}", shapes)


def misfits(piece: Piece, shape: Shape, at: str, shapes: Shapes) -> Iterator[str]:
    """Keys that are missing or unknown, and values that do not fit."""
    for key in shape.needs:
        if key not in piece:
            yield problem(f"missing required field: {key}", at)
    known = {**shape.needs, **shape.may}
    for key, value in piece.items():
        if key in known:
            yield from known[key].problems(value, f"{at}/{key}", shapes)
        elif key != "type":
            yield problem(f"unknown field: {key!s:.40} (see {shape.page})", f"{at}/{key!s:.40}")
