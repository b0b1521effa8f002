"""Whether a piece of a payload fits its slot: the little language in which `shapes` is written.

A problem reads as Slack's do, with a JSON pointer to the piece at its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

JsonObject = Mapping[str, Any]


MAX_TEXT_LENGTH = 3_000
"""Characters of any text object; many places hold fewer."""


class ValueType(Protocol):
    """What may stand under a key."""

    def find_problems(self, value: object, pointer: str, schemas: "Schemas") -> Iterator[str]:
        """What is wrong with the value at a JSON pointer."""
        ...


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """An object of Block Kit: the page that describes it, what must and what may stand under its keys."""

    docs_page: str
    required: Mapping[str, ValueType]
    optional: Mapping[str, ValueType] = field(default_factory=dict)


Schemas = Mapping[str, ObjectSchema]


def format_problem(message: str, pointer: str) -> str:
    """A problem as Slack words it."""
    return f"[ERROR] {message} [json-pointer:{pointer or '/'}]"


@dataclass(frozen=True, slots=True)
class String:
    """A string of so many characters."""

    max_length: int
    min_length: int = 1

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Not a string, too short, too long."""
        del schemas
        if not isinstance(value, str):
            yield format_problem("must be a string", pointer)
        elif not self.min_length <= len(value) <= self.max_length:
            yield format_problem(f"must be {self.min_length} to {self.max_length} characters, is {len(value)}", pointer)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    values: tuple[str, ...]

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Any other value."""
        del schemas
        if value not in self.values:
            yield format_problem(f"must be one of {', '.join(self.values)}", pointer)


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Anything else."""
        del schemas
        if not isinstance(value, bool):
            yield format_problem("must be true or false", pointer)


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    minimum: int
    maximum: int

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """No whole number, or outside."""
        del schemas
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.minimum <= int(str(value)) <= self.maximum:
            yield format_problem(f"must be a whole number from {self.minimum} to {self.maximum}", pointer)


@dataclass(frozen=True, slots=True)
class TextObject:
    """A text object of certain types, its text of so many characters."""

    max_length: int
    types: tuple[str, ...] = ("plain_text",)

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Not such an object, or its text too short or too long."""
        yield from Object(self.types).find_problems(value, pointer, schemas)
        text = value.get("text") if isinstance(value, Mapping) else None
        if isinstance(text, str) and self.max_length < len(text) <= MAX_TEXT_LENGTH:
            yield from String(self.max_length).find_problems(text, f"{pointer}/text", schemas)


@dataclass(frozen=True, slots=True)
class Object:
    """An object of one of these shapes; where there is only one it may leave out its type."""

    types: tuple[str, ...]

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """No object, one of another kind, or one that breaks its shape."""
        if not isinstance(value, Mapping):
            yield format_problem("must be an object", pointer)
            return
        kind = value.get("type", self.types[0] if len(self.types) == 1 else None)
        if kind not in self.types:
            yield format_problem(f"unsupported type: {kind!s:.40}", f"{pointer}/type")
            return
        yield from check_object(value, schemas[str(kind)], pointer, schemas)


@dataclass(frozen=True, slots=True)
class Array:
    """A list of so many."""

    item_type: ValueType
    max_items: int
    min_items: int = 1

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """No list, too few, too many, or one that does not fit."""
        if not isinstance(value, list | tuple):
            yield format_problem("must be a list", pointer)
            return
        if not self.min_items <= len(value) <= self.max_items:
            yield format_problem(f"must have {self.min_items} to {self.max_items} items, has {len(value)}", pointer)
        for place, one in enumerate(value):
            yield from self.item_type.find_problems(one, f"{pointer}/{place}", schemas)


def check_object(piece: JsonObject, schema: ObjectSchema, pointer: str, schemas: Schemas) -> Iterator[str]:
    """Keys that are missing or unknown, and values that do not fit."""
    for key in schema.required:
        if key not in piece:
            yield format_problem(f"missing required field: {key}", pointer)
    known = {**schema.required, **schema.optional}
    for key, value in piece.items():
        if key in known:
            yield from known[key].find_problems(value, f"{pointer}/{key}", schemas)
        elif key != "type":
            yield format_problem(f"unknown field: {key!s:.40} (see {schema.docs_page})", f"{pointer}/{key!s:.40}")
