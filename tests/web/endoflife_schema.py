"""JSON schemas of endoflife.date's API v1 (1.1.0), written from its public documentation.

One field differs on purpose: `releaseDate` can be null, for products that publish no first day.
"""

from typing import Any

Schema = dict[str, Any]


def _object(required: str, optional: Schema | None = None, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties | (optional or {})}


TEXT: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
URI: Schema = {"type": "string", "pattern": "^https://"}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


RELEASE = _object(
    "name codename label releaseDate isLts ltsFrom isEol eolFrom isMaintained latest",
    name=TEXT,
    codename=nullable(TEXT),
    label=TEXT,
    releaseDate=nullable(DAY),
    isLts=BOOLEAN,
    ltsFrom=nullable(DAY),
    isEoas=BOOLEAN,
    eoasFrom=nullable(DAY),
    isEol=BOOLEAN,
    eolFrom=nullable(DAY),
    isDiscontinued=BOOLEAN,
    discontinuedFrom=nullable(DAY),
    isMaintained=BOOLEAN,
    latest=nullable(_object("name date link", name=TEXT, date=nullable(DAY), link=nullable(URI))),
    custom=nullable({"type": "object", "additionalProperties": nullable(TEXT)}),
)
_SUMMARY: Schema = {
    "name": TEXT,
    "label": TEXT,
    "aliases": {"type": "array", "items": TEXT},
    "category": TEXT,
    "tags": {"type": "array", "items": TEXT, "minItems": 1},
}
_DETAILS = _object(
    "name label aliases category tags identifiers labels links releases",
    _SUMMARY,
    versionCommand=nullable(TEXT),
    identifiers={"type": "array", "items": _object("id type", id=TEXT, type=TEXT)},
    labels=_object("eol", eol=TEXT, eoas=nullable(TEXT), discontinued=nullable(TEXT), eoes=nullable(TEXT)),
    links=_object("html", html=URI, icon=nullable(URI), releasePolicy=nullable(URI)),
    releases={"type": "array", "items": RELEASE},
)


def _many(item: Schema) -> Schema:
    items: Schema = {"type": "array", "items": item}
    return _object("schema_version total result", schema_version=TEXT, total={"type": "integer"}, result=items)


URIS = _many(_object("name uri", name=TEXT, uri=URI))
PRODUCTS = _many(_object("name label aliases category tags uri", _SUMMARY, uri=URI))
FULL_PRODUCTS = _many(_DETAILS)
RELEASES = _many(RELEASE)
PRODUCT = _object(
    "schema_version last_modified result",
    schema_version=TEXT,
    last_modified={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+\d{2}:\d{2}$"},
    result=_DETAILS,
)
ONE_RELEASE = _object("schema_version result", schema_version=TEXT, result=RELEASE)
