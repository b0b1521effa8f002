"""The base class of all rows, their conversion from and to facts, and the check that stored texts pass."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from operator import attrgetter
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar, get_args

import msgspec
import sqlalchemy as sa
from msgspec.structs import FieldInfo
from sqlmodel import Session, SQLModel

MAX_TEXT_LENGTH = 500
"""Characters of a stored text, so that both databases refuse the same ones."""

FactT = TypeVar("FactT", bound=msgspec.Struct)


class Row(SQLModel):
    """A row of any table.

    Rows are built from validated facts, so pydantic's validators are never built: for all tables together that takes
    longer than importing pydantic.
    """

    model_config = {"defer_build": True}


class FactRow(Generic[FactT]):
    """A row that stores a fact. Its columns are named as the fact's fields.

    The database assigns the column `id`, which holds the fact's first field: `event_id`, `request_id` … Columns that
    the fact lacks keep their defaults.
    """

    spread: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Columns of a field that is itself a fact, in the order of its fields. Fields beyond them keep their defaults."""
    long_texts: ClassVar[Sequence[str]] = ()
    """Columns with texts of any length. They lose their NUL characters instead of being validated."""

    @classmethod
    def encode(cls, fact: FactT) -> dict[str, object]:
        """Return the values of the fact's columns, except `id`. Raise ValueError for a text that can't be stored."""
        return _get_codec(cls).encode(fact)

    @classmethod
    def decode(cls, row: object) -> FactT:
        """Return the fact in a row that was read with Core, which may have further columns."""
        return _get_codec(cls).decode(row)

    @classmethod
    def from_fact(cls, fact: FactT) -> Self:
        """Build the row of a fact."""
        return cls(**cls.encode(fact))

    @classmethod
    def store(cls, session: Session, fact: FactT) -> FactT:
        """Insert the row of a fact. Return the fact with its id."""
        row = cls.from_fact(fact)
        session.add(row)
        session.flush()
        return row.to_fact()

    def to_fact(self) -> FactT:
        """Convert the row to a fact."""
        return self.decode(self)


def get_table(row: type[SQLModel]) -> sa.Table:
    """Return the table of a row class, for Core statements: they are built once and cost a third of the ORM's."""
    table: sa.Table = row.__table__  # type: ignore[attr-defined] # SQLModel does not declare it
    return table


def validate_text(text: str) -> str:
    """Return the text if both databases store it unchanged.

    Raise ValueError for control characters, lone surrogates and texts over MAX_TEXT_LENGTH.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(f"the text has {len(text)} characters; at most {MAX_TEXT_LENGTH} can be stored")
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise ValueError("the text has control characters or a lone surrogate")
    return text


def strip_nul(text: str) -> str:
    """Return the text without NUL characters, which PostgreSQL refuses."""
    return text.replace("\0", "")


class _Column(NamedTuple):
    """A column, the path to its value in the fact, and the conversions. None if the value is stored as it is."""

    name: str
    path: str
    encode: Callable[[Any], object] | None = None
    decode: Callable[[Any], object] | None = None


class _Codec(Generic[FactT]):
    """The conversion between the rows of a class and its facts, prepared so that no type is examined for each row."""

    def __init__(self, row_type: type[FactRow[FactT]]) -> None:
        self._fact_type: type[FactT]
        (self._fact_type,) = get_args(row_type.__orig_bases__[-1])  # type: ignore[attr-defined] # set by Generic
        fields = msgspec.structs.fields(self._fact_type)
        parts = [list(_list_columns(row_type, field, position)) for position, field in enumerate(fields)]
        columns = [column for part in parts for column in part]
        self._read_row = attrgetter(*(column.name for column in columns))
        self._decoders = [(index, column.decode) for index, column in enumerate(columns) if column.decode]
        self._spread = [
            (position, position + len(part), field.type)
            for position, (field, part) in enumerate(zip(fields, parts, strict=True))
            if field.name in row_type.spread
        ]
        stored = [column for column in columns if column.name != "id"]
        self._read_fact = attrgetter(*(column.path for column in stored))
        self._encoders = [(column.name, column.encode) for column in stored]

    def encode(self, fact: FactT) -> dict[str, object]:
        return {
            name: encode(value) if encode else value
            for (name, encode), value in zip(self._encoders, self._read_fact(fact), strict=True)
        }

    def decode(self, row: object) -> FactT:
        values = list(self._read_row(row))
        for index, decode in self._decoders:
            values[index] = decode(values[index])
        for start, stop, part in self._spread:  # each leaves its fields in one place, so positions of later ones hold
            values[start:stop] = (part(*values[start:stop]),)
        return self._fact_type(*values)


_CODECS: dict[type[FactRow[Any]], _Codec[Any]] = {}


def _get_codec(row_type: type[FactRow[FactT]]) -> _Codec[FactT]:
    codec = _CODECS.get(row_type)
    if codec is None:
        codec = _CODECS[row_type] = _Codec(row_type)
    return codec


def _list_columns(row_type: type[FactRow[Any]], field: FieldInfo, position: int) -> Iterator[_Column]:
    names = row_type.spread.get(field.name, ())
    for name, part in zip(names, msgspec.structs.fields(field.type) if names else (), strict=False):
        yield _Column(name, f"{field.name}.{part.name}", *_choose_conversions(part.type))
    if names:
        return
    columns = sa.inspect(row_type).columns
    name = "id" if position == 0 and field.name not in columns else field.name
    if name in row_type.long_texts:
        yield _Column(name, field.name, strip_nul)
    elif field.type is str and columns[name].nullable:
        yield _Column(name, field.name, validate_text, _read_nullable_text)
    else:
        yield _Column(name, field.name, *_choose_conversions(field.type))


def _choose_conversions(type_: object) -> tuple[Callable[[Any], object] | None, Callable[[Any], object] | None]:
    """Return the conversions of a type. For an optional enum or JSON column, an empty text stands for None."""
    is_optional = type(None) in get_args(type_)
    base = get_args(type_)[0] if is_optional else type_
    if base in {int, bool, date, datetime}:
        return None, None
    if base is str:
        return validate_text, None
    if base is time:
        return "{:%H:%M}".format, time.fromisoformat
    encode, decode = _build_json_conversions(base)
    if isinstance(base, type) and issubclass(base, Enum):
        encode, decode = attrgetter("value"), {member.value: member for member in base}.__getitem__
    if is_optional:
        return (lambda value: "" if value is None else encode(value)), (lambda text: decode(text) if text else None)
    return encode, decode


def _build_json_conversions(type_: object) -> tuple[Callable[[Any], object], Callable[[Any], object]]:
    """Return the conversions of collections and structs.

    They use `json` because msgspec refuses lone surrogates, which pages may contain.
    """
    return (
        lambda value: json.dumps(msgspec.to_builtins(value), separators=(",", ":")),
        lambda text: msgspec.convert(json.loads(text), type_),
    )


def _read_nullable_text(text: str | None) -> str:
    return text or ""
