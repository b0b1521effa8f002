"""The catalogue over HTTP for anybody: GET alone, no workspace's data, nothing to log in to.

The day in UTC decides what is over. A tag is the content's hash, so that it changes with the day only where an answer
does.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.service.versions.releases import PublishedCatalogue
from bot.web import releases
from bot.web.releases import Json

API_PATH = "/api/v1"
MAX_AGE = 3_600
"""Seconds that an answer may be kept, and never past midnight in UTC."""

_CORS_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "if-none-match",
    "access-control-expose-headers": "etag",
}


def build_routes(published: PublishedCatalogue, now: Callable[[], datetime]) -> tuple[Route, ...]:
    """Everything below the path; addresses work with and without a slash at their end."""

    def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_CORS_HEADERS)
        moment = now()
        parts = [part for part in request.path_params.get("path", "").split("/") if part]
        found = _find_content(parts, published, moment, f"{request.base_url}{API_PATH[1:]}/")
        if found is None:
            body = releases.render_not_found(
                f"There is nothing at this address; {API_PATH}/products lists what there is."
            )
            return _build_response(body, request, 0, HTTPStatus.NOT_FOUND)
        return _build_response(found, request, _compute_max_age(moment))

    methods = ["GET", "HEAD", "OPTIONS"]
    return Route(API_PATH, answer, methods=methods), Route(f"{API_PATH}/{{path:path}}", answer, methods=methods)


def _find_content(parts: list[str], published: PublishedCatalogue, now: datetime, base: str) -> Json | None:
    """What stands at an address; None for nothing."""
    match parts:
        case []:
            return releases.render_index(base)
        case ["products"]:
            return releases.render_products(published.list_products(now), base)
        case ["products", "full"]:
            return releases.render_full_products(published.list_products(now))
        case ["products", name, *rest]:
            return _find_product_content(name, rest, published, now)
        case _:
            return None


def _find_product_content(name: str, rest: list[str], published: PublishedCatalogue, now: datetime) -> Json | None:
    product = published.find_product(name, now)
    if product is None:
        return None
    match rest:
        case []:
            return releases.render_product(product)
        case ["releases"]:
            return releases.render_releases(product)
        case ["releases", "latest"]:
            return releases.render_release(product, product.releases[0])
        case ["releases", version]:
            found = next((each for each in product.releases if each.name == version.lower()), None)
            return releases.render_release(product, found) if found else None
        case _:
            return None


def _build_response(content: Json, request: Request, age: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
    body = json.dumps(content, indent=1, ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    keeping = f"public, max-age={age}" if age else "no-cache"
    headers = {**_CORS_HEADERS, "etag": tag, "cache-control": keeping}
    if status is HTTPStatus.OK and _matches_etag(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _matches_etag(known: str, tag: str) -> bool:
    """Whether the asker holds this content already; proxies may have made the tag a weak one."""
    tags = [each.strip().removeprefix("W/") for each in known.split(",")]
    return tag in tags or tags == ["*"]


def _compute_max_age(now: datetime) -> int:
    """How long an answer holds."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, min(MAX_AGE, int((day + timedelta(days=1) - now).total_seconds())))
