"""Fields and types of endoflife.date's API v1 (1.1.0), written down from its public description as facts.

One thing differs on purpose: `releaseDate` may be null, where nobody publishes a first day.
"""

from typing import Any

Schema = dict[str, Any]


def _object(required: str, optional: Schema | None = None, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties | (optional or {})}


TEXT: Schema = {"type": "string"}
YES_OR_NO: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
URI: Schema = {"type": "string", "pattern": "^https://"}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


RELEASE = _object(
    "name codename label releaseDate isLts ltsFrom isEol eolFrom isMaintained latest",
    name=TEXT,
    codename=maybe(TEXT),
    label=TEXT,
    releaseDate=maybe(DAY),
    isLts=YES_OR_NO,
    ltsFrom=maybe(DAY),
    isEoas=YES_OR_NO,
    eoasFrom=maybe(DAY),
    isEol=YES_OR_NO,
    eolFrom=maybe(DAY),
    isDiscontinued=YES_OR_NO,
    discontinuedFrom=maybe(DAY),
    isMaintained=YES_OR_NO,
    latest=maybe(_object("name date link", name=TEXT, date=maybe(DAY), link=maybe(URI))),
    custom=maybe({"type": "object", "additionalProperties": maybe(TEXT)}),
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
    versionCommand=maybe(TEXT),
    identifiers={"type": "array", "items": _object("id type", id=TEXT, type=TEXT)},
    labels=_object("eol", eol=TEXT, eoas=maybe(TEXT), discontinued=maybe(TEXT), eoes=maybe(TEXT)),
    links=_object("html", html=URI, icon=maybe(URI), releasePolicy=maybe(URI)),
    releases={"type": "array", "items": RELEASE},
)


def _many(item: Schema) -> Schema:
    items: Schema = {"type": "array", "items": item}
    return _object("schema_version total result", schema_version=TEXT, total={"type": "integer"}, result=items)


URIS = _many(_object("name uri", name=TEXT, uri=URI))
PRODUCTS = _many(_object("name label aliases category tags uri", _SUMMARY, uri=URI))
PRODUCTS_IN_FULL = _many(_DETAILS)
RELEASES = _many(RELEASE)
PRODUCT = _object(
    "schema_version last_modified result",
    schema_version=TEXT,
    last_modified={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+\d{2}:\d{2}$"},
    result=_DETAILS,
)
ONE_RELEASE = _object("schema_version result", schema_version=TEXT, result=RELEASE)
