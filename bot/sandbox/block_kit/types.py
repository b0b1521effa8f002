"""Types of values and objects, in which the Block Kit schemas are written.

Problems are worded like Slack's, and end with a JSON pointer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

JsonObject = Mapping[str, Any]

MAX_TEXT_LENGTH = 3_000
"""Characters in any text object. Many fields allow fewer."""


class ValueType(Protocol):
    """The type of a field's value."""

    def find_problems(self, value: object, pointer: str, schemas: "Schemas") -> Iterator[str]:
        """Find the problems of a value at a JSON pointer."""
        ...


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """A Block Kit object: its documentation page, and its required and optional fields."""

    docs_page: str
    required: Mapping[str, ValueType]
    optional: Mapping[str, ValueType] = field(default_factory=dict)


Schemas = Mapping[str, ObjectSchema]


def format_problem(message: str, pointer: str) -> str:
    """Format a problem as Slack does."""
    return f"[ERROR] {message} [json-pointer:{pointer or '/'}]"


@dataclass(frozen=True, slots=True)
class String:
    """A string with a limited length."""

    max_length: int
    min_length: int = 1

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other types and lengths."""
        del schemas
        if not isinstance(value, str):
            yield format_problem("must be a string", pointer)
        elif not self.min_length <= len(value) <= self.max_length:
            yield format_problem(f"must be {self.min_length} to {self.max_length} characters, is {len(value)}", pointer)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several strings."""

    values: tuple[str, ...]

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other values."""
        del schemas
        if value not in self.values:
            yield format_problem(f"must be one of {', '.join(self.values)}", pointer)


@dataclass(frozen=True, slots=True)
class Boolean:
    """A boolean."""

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other types."""
        del schemas
        if not isinstance(value, bool):
            yield format_problem("must be true or false", pointer)


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer within bounds."""

    minimum: int
    maximum: int

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other types, and integers out of bounds."""
        del schemas
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if not is_integer or not self.minimum <= int(str(value)) <= self.maximum:
            yield format_problem(f"must be a whole number from {self.minimum} to {self.maximum}", pointer)


@dataclass(frozen=True, slots=True)
class TextObject:
    """A text object of one of these types, with a limited length."""

    max_length: int
    types: tuple[str, ...] = ("plain_text",)

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other objects, and texts that are too long."""
        yield from Object(self.types).find_problems(value, pointer, schemas)
        text = value.get("text") if isinstance(value, Mapping) else None
        if isinstance(text, str) and self.max_length < len(text) <= MAX_TEXT_LENGTH:
            yield from String(self.max_length).find_problems(text, f"{pointer}/text", schemas)


@dataclass(frozen=True, slots=True)
class Object:
    """An object with one of these schemas. If there is only one, the object can leave out its type."""

    types: tuple[str, ...]

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other types, and objects that don't match their schema."""
        if not isinstance(value, Mapping):
            yield format_problem("must be an object", pointer)
            return
        object_type = value.get("type", self.types[0] if len(self.types) == 1 else None)
        if object_type not in self.types:
            yield format_problem(f"unsupported type: {object_type!s:.40}", f"{pointer}/type")
            return
        yield from check_object(value, schemas[str(object_type)], pointer, schemas)


@dataclass(frozen=True, slots=True)
class Array:
    """A list with a limited length."""

    item_type: ValueType
    max_items: int
    min_items: int = 1

    def find_problems(self, value: object, pointer: str, schemas: Schemas) -> Iterator[str]:
        """Reject other types and lengths, and items that don't match."""
        if not isinstance(value, list | tuple):
            yield format_problem("must be a list", pointer)
            return
        if not self.min_items <= len(value) <= self.max_items:
            yield format_problem(f"must have {self.min_items} to {self.max_items} items, has {len(value)}", pointer)
        for index, item in enumerate(value):
            yield from self.item_type.find_problems(item, f"{pointer}/{index}", schemas)


def check_object(payload: JsonObject, schema: ObjectSchema, pointer: str, schemas: Schemas) -> Iterator[str]:
    """Find missing and unknown fields, and values of the wrong type."""
    for key in schema.required:
        if key not in payload:
            yield format_problem(f"missing required field: {key}", pointer)
    fields = {**schema.required, **schema.optional}
    for key, value in payload.items():
        if key in fields:
            yield from fields[key].find_problems(value, f"{pointer}/{key}", schemas)
        elif key != "type":
            yield format_problem(f"unknown field: {key!s:.40} (see {schema.docs_page})", f"{pointer}/{key!s:.40}")
