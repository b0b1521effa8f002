"""The catalogue over HTTP: public, read-only, and without any workspace's data.

States are judged on the current day in UTC. An ETag is the hash of the content, so that it changes only if the content
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
"""Seconds that a response can be cached. It is never cached past midnight UTC."""

_CORS_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "if-none-match",
    "access-control-expose-headers": "etag",
}


def build_routes(published: PublishedCatalogue, now: Callable[[], datetime]) -> tuple[Route, ...]:
    """Return the routes below API_PATH. A trailing slash makes no difference."""

    def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_CORS_HEADERS)
        moment = now()
        parts = [part for part in request.path_params.get("path", "").split("/") if part]
        content = _find_content(parts, published, moment, f"{request.base_url}{API_PATH[1:]}/")
        if content is None:
            body = releases.render_not_found(f"Not found. {API_PATH}/products lists the products.")
            return _build_response(body, request, 0, HTTPStatus.NOT_FOUND)
        return _build_response(content, request, _compute_max_age(moment))

    methods = ["GET", "HEAD", "OPTIONS"]
    return Route(API_PATH, answer, methods=methods), Route(f"{API_PATH}/{{path:path}}", answer, methods=methods)


def _find_content(parts: list[str], published: PublishedCatalogue, now: datetime, base: str) -> Json | None:
    """Return the content at the path below API_PATH, or None if there is none. `base` is the URL of API_PATH."""
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
            release = next((release for release in product.releases if release.name == version.lower()), None)
            return releases.render_release(product, release) if release else None
        case _:
            return None


def _build_response(content: Json, request: Request, max_age: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
    body = json.dumps(content, indent=1, ensure_ascii=False).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    cache_control = f"public, max-age={max_age}" if max_age else "no-cache"
    headers = {**_CORS_HEADERS, "etag": etag, "cache-control": cache_control}
    if status is HTTPStatus.OK and _matches_etag(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _matches_etag(if_none_match: str, etag: str) -> bool:
    """Return True if the client has this content. A proxy might have made the ETag weak."""
    etags = [text.strip().removeprefix("W/") for text in if_none_match.split(",")]
    return etag in etags or etags == ["*"]


def _compute_max_age(now: datetime) -> int:
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, min(MAX_AGE, int((today + timedelta(days=1) - now).total_seconds())))
