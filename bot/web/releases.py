"""Products and releases in the JSON format of endoflife.date's API v1, so that its clients can read them.

`eolFrom` is the last day of patches and support, `discontinuedFrom` the last day on which the images can be used.
`isEol` and `isDiscontinued` are true after that day. `isMaintained` is stricter than on endoflife.date: it is true only
if the end of patches is known and has not passed. The values of `custom` are strings, as in the original.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from bot import answers
from storage.facts import PrintedDate

SCHEMA_VERSION = "1.1.0"
"""The version of endoflife.date's schema."""

Json = dict[str, Any]


def render_products(products: tuple[answers.PublishedProduct, ...], base: str) -> Json:
    """Return a summary of each product. `base` is the URL of the API with a trailing slash."""
    return _wrap_list([_render_summary(product) | {"uri": f"{base}products/{product.name}/"} for product in products])


def render_full_products(products: tuple[answers.PublishedProduct, ...]) -> Json:
    """Return every product with all its releases."""
    return _wrap_list([_render_details(product) for product in products])


def render_index(base: str) -> Json:
    """Return the addresses of the two lists of products."""
    return _wrap_list([{"name": name, "uri": f"{base}{name}/"} for name in ("products", "products/full")])


def render_product(product: answers.PublishedProduct) -> Json:
    """Return a product with all its releases."""
    return _wrap(_render_details(product)) | {"last_modified": f"{product.source.as_of.isoformat()}T00:00:00+00:00"}


def render_releases(product: answers.PublishedProduct) -> Json:
    """Return only the releases of a product. endoflife.date has no such list."""
    return _wrap_list(_render_details(product)["releases"])


def render_release(product: answers.PublishedProduct, release: answers.Release) -> Json:
    """Return a release."""
    return _wrap(_render_fields(product, release))


def render_not_found(message: str) -> Json:
    """Return the body of a 404 response."""
    return {"schema_version": SCHEMA_VERSION, "message": message}


def _wrap_list(result: list[Json]) -> Json:
    return {"schema_version": SCHEMA_VERSION, "total": len(result), "result": result}


def _wrap(result: Json) -> Json:
    return {"schema_version": SCHEMA_VERSION, "result": result}


def _render_summary(product: answers.PublishedProduct) -> Json:
    vendor = "amazon" if product.title.startswith("AWS") else "google"
    return {
        "name": product.name,
        "label": product.title,
        "aliases": list(product.aliases),
        "category": "service",
        "tags": [vendor, "service"],
    }


def _render_details(product: answers.PublishedProduct) -> Json:
    has_availability = any(release.past_use is not None for release in product.releases)
    return _render_summary(product) | {
        "versionCommand": None,
        "identifiers": [],
        "labels": {
            "eoas": None,
            "discontinued": "Availability" if has_availability else None,
            "eol": "Patches and support",
            "eoes": None,
        },
        "links": {"icon": None, "html": _find_page_url(product), "releasePolicy": product.policy_url},
        "releases": [_render_fields(product, release) for release in product.releases],
    }


def _find_page_url(product: answers.PublishedProduct) -> str:
    """Return the address of the page with the dates, or of the policy if the dates come from a file."""
    return product.source.url if product.source.url.startswith("https:") else product.policy_url


def _render_fields(product: answers.PublishedProduct, release: answers.Release) -> Json:
    discontinued: Json = {}
    if release.past_use is not None:
        discontinued = {
            "isDiscontinued": release.past_use,
            "discontinuedFrom": _format_day(release.end_of_availability),
        }
    return {
        "name": release.name,
        "codename": None,
        "label": release.title,
        "releaseDate": _format_day(release.start),
        "isLts": False,
        "ltsFrom": None,
        "isEol": release.past_patches,
        "eolFrom": _format_day(release.end_of_patch_and_support),
        **discontinued,
        "isMaintained": release.maintained,
        "latest": {"name": release.patch_version, "date": None, "link": None} if release.patch_version else None,
        "custom": _render_custom(product, release),
        "rows": [_render_row(row) for row in release.rows],
    }


def _render_custom(product: answers.PublishedProduct, release: answers.Release) -> Json:
    return {
        "state": release.state.value,
        "rowsDiffer": "true" if release.rows_differ else "false",
        "listed": "true" if any(row.listed for row in release.rows) else "false",
        "unverified": "; ".join(_list_unverified(release)) or None,
        "overridden": "; ".join(_list_overrides(release)) or None,
        "unverifiedSince": _format_day(product.source.unverified_since),
        "source": "; ".join(dict.fromkeys(row.source_url for row in release.rows)),
        "asOf": min(row.as_of for row in release.rows).isoformat(),
    }


def _list_overrides(release: answers.Release) -> Iterator[str]:
    cells = [cell for row in release.rows for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    yield from dict.fromkeys(f"{cell.override.set_by}: {cell.override.reason}" for cell in cells if cell.override)


def _list_unverified(release: answers.Release) -> list[str]:
    cells = [(row, cell) for row in release.rows for cell in (row.end_of_patch_and_support, row.end_of_availability)]
    return [f"{row.image}: {cell.problem or cell.unverified}" for row, cell in cells if cell.problem or cell.unverified]


def _render_row(row: answers.ReleaseRow) -> Json:
    return {
        "image": row.image,
        "label": row.label,
        **_render_cell("endOfPatchAndSupport", row.end_of_patch_and_support),
        **_render_cell("endOfAvailability", row.end_of_availability),
        "listed": row.listed,
        "source": row.source_url,
        "asOf": row.as_of.isoformat(),
    }


def _render_cell(name: str, cell: PrintedDate) -> Json:
    return {name: _format_day(cell.day), f"{name}AsPrinted": cell.printed}


def _format_day(day: date | None) -> str | None:
    return day.isoformat() if day else None
