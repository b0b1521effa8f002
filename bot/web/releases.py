"""Products and releases in the JSON shape of endoflife.date's API v1, so that its clients read them.

Its fields say: `eolFrom` is the last day of patches and support, `discontinuedFrom` the last day the images can be
used; a release is over, `isEol` and `isDiscontinued`, after that day. `isMaintained` is stricter than theirs: only what
is known not to be past its end of patches is maintained. Values of `custom` are texts, as theirs are.
"""

from collections.abc import Iterator
from typing import Any

from bot import answers
from storage.facts import PrintedDate

SCHEMA_VERSION = "1.1.0"
"""Of theirs, whose fields these are."""

Json = dict[str, Any]


def listed(found: tuple[answers.PublishedProduct, ...], base: str) -> Json:
    """All products in short."""
    return _many([_summary(product) | {"uri": f"{base}products/{product.name}/"} for product in found])


def in_full(found: tuple[answers.PublishedProduct, ...]) -> Json:
    """All products with all their releases."""
    return _many([_details(product) for product in found])


def index(base: str) -> Json:
    """Where to begin."""
    return _many([{"name": name, "uri": f"{base}{name}/"} for name in ("products", "products/full")])


def one(product: answers.PublishedProduct) -> Json:
    """A product with all its releases."""
    return _one(_details(product)) | {"last_modified": f"{product.source.as_of.isoformat()}T00:00:00+00:00"}


def releases(product: answers.PublishedProduct) -> Json:
    """Only the releases; theirs has no such list."""
    return _many(_details(product)["releases"])


def release(product: answers.PublishedProduct, found: answers.Release) -> Json:
    """One release."""
    return _one(_release(product, found))


def missing(message: str) -> Json:
    """What is answered where there is no such thing."""
    return {"schema_version": SCHEMA_VERSION, "message": message}


def _many(result: list[Json]) -> Json:
    return {"schema_version": SCHEMA_VERSION, "total": len(result), "result": result}


def _one(result: Json) -> Json:
    return {"schema_version": SCHEMA_VERSION, "result": result}


def _summary(product: answers.PublishedProduct) -> Json:
    vendor = "amazon" if product.title.startswith("AWS") else "google"
    return {
        "name": product.name,
        "label": product.title,
        "aliases": list(product.aliases),
        "category": "service",
        "tags": [vendor, "service"],
    }


def _details(product: answers.PublishedProduct) -> Json:
    discontinued = any(release.past_use is not None for release in product.releases)
    return _summary(product) | {
        "versionCommand": None,
        "identifiers": [],
        "labels": {
            "eoas": None,
            "discontinued": "Availability" if discontinued else None,
            "eol": "Patches and support",
            "eoes": None,
        },
        "links": {
            "icon": None,
            "html": _address(product),
            "releasePolicy": product.policy_url,
        },
        "releases": [_release(product, release) for release in product.releases],
    }


def _address(product: answers.PublishedProduct) -> str:
    """The page of the dates; where a file replaces the table, the policy."""
    return product.source.url if product.source.url.startswith("https:") else product.policy_url


def _release(product: answers.PublishedProduct, found: answers.Release) -> Json:
    usable: Json = {}
    if found.past_use is not None:
        usable = {"isDiscontinued": found.past_use, "discontinuedFrom": _day(found.end_of_availability)}
    return {
        "name": found.name,
        "codename": None,
        "label": found.title,
        "releaseDate": _day(found.start),
        "isLts": False,
        "ltsFrom": None,
        "isEol": found.past_patches,
        "eolFrom": _day(found.end_of_patch_and_support),
        **usable,
        "isMaintained": found.maintained,
        "latest": {"name": found.patch_version, "date": None, "link": None} if found.patch_version else None,
        "custom": _custom(product, found),
        "rows": [_row(row) for row in found.rows],
    }


def _custom(product: answers.PublishedProduct, found: answers.Release) -> Json:
    since = product.source.unverified_since
    return {
        "state": found.state.value,
        "rowsDiffer": "true" if found.rows_differ else "false",
        "listed": "true" if any(row.listed for row in found.rows) else "false",
        "unverified": "; ".join(_unverified(found)) or None,
        "setByHand": "; ".join(_by_hand(found)) or None,
        "notVerifiedSince": _day(since),
        "source": "; ".join(dict.fromkeys(row.source_url for row in found.rows)),
        "asOf": min(row.as_of for row in found.rows).isoformat(),
    }


def _by_hand(found: answers.Release) -> Iterator[str]:
    """Who set which of the rows' dates in the page's stead, and why; each once."""
    cells = [cell for row in found.rows for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    yield from dict.fromkeys(f"{cell.by_hand.by}: {cell.by_hand.reason}" for cell in cells if cell.by_hand)


def _unverified(found: answers.Release) -> list[str]:
    """What can't be believed of the rows' dates."""
    cells = [(row, cell) for row in found.rows for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    return [f"{row.image}: {cell.problem or cell.unverified}" for row, cell in cells if cell.problem or cell.unverified]


def _row(row: answers.ReleaseRow) -> Json:
    return {
        "image": row.image,
        "label": row.label,
        **_cell("endOfPatchAndSupport", row.end_of_patch_and_support),
        **_cell("endOfAvailability", row.end_of_availability),
        "listed": row.listed,
        "source": row.source_url,
        "asOf": row.as_of.isoformat(),
    }


def _cell(name: str, cell: PrintedDate) -> Json:
    return {name: _day(cell.day), f"{name}AsPrinted": cell.printed}


def _day(day: Any) -> str | None:  # noqa: ANN401 - a date or none
    return day.isoformat() if day else None
