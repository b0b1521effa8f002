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

from bot.service.versions.releases import Published
from bot.web import releases
from bot.web.releases import Json

PATH = "/api/v1"
LONGEST_AGE = 3_600
"""Seconds that an answer may be kept, and never past midnight in UTC."""

_ANYWHERE = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "if-none-match",
    "access-control-expose-headers": "etag",
}


def routes(published: Published, now: Callable[[], datetime]) -> tuple[Route, ...]:
    """Everything below the path; addresses work with and without a slash at their end."""

    def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_ANYWHERE)
        moment = now()
        parts = [part for part in request.path_params.get("path", "").split("/") if part]
        found = _found(parts, published, moment, f"{request.base_url}{PATH[1:]}/")
        if found is None:
            body = releases.missing(f"There is nothing at this address; {PATH}/products lists what there is.")
            return _response(body, request, 0, HTTPStatus.NOT_FOUND)
        return _response(found, request, _age(moment))

    methods = ["GET", "HEAD", "OPTIONS"]
    return Route(PATH, answer, methods=methods), Route(f"{PATH}/{{path:path}}", answer, methods=methods)


def _found(parts: list[str], published: Published, now: datetime, base: str) -> Json | None:
    """What stands at an address; None for nothing."""
    match parts:
        case []:
            return releases.index(base)
        case ["products"]:
            return releases.listed(published.products(now), base)
        case ["products", "full"]:
            return releases.in_full(published.products(now))
        case ["products", name, *rest]:
            return _of_product(name, rest, published, now)
        case _:
            return None


def _of_product(name: str, rest: list[str], published: Published, now: datetime) -> Json | None:
    product = published.product(name, now)
    if product is None:
        return None
    match rest:
        case []:
            return releases.one(product)
        case ["releases"]:
            return releases.releases(product)
        case ["releases", "latest"]:
            return releases.release(product, product.releases[0])
        case ["releases", version]:
            found = next((each for each in product.releases if each.name == version.lower()), None)
            return releases.release(product, found) if found else None
        case _:
            return None


def _response(content: Json, request: Request, age: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
    body = json.dumps(content, indent=1, ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    keeping = f"public, max-age={age}" if age else "no-cache"
    headers = {**_ANYWHERE, "etag": tag, "cache-control": keeping}
    if status is HTTPStatus.OK and _is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _is_known(known: str, tag: str) -> bool:
    """Whether the asker holds this content already; proxies may have made the tag a weak one."""
    tags = [each.strip().removeprefix("W/") for each in known.split(",")]
    return tag in tags or tags == ["*"]


def _age(now: datetime) -> int:
    """How long an answer holds."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, min(LONGEST_AGE, int((day + timedelta(days=1) - now).total_seconds())))
