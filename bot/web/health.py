"""Whether this process does its work, as /healthz tells it."""

from collections.abc import Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class HealthCheck(Struct, frozen=True):
    """One thing that has to be well."""

    name: str
    ok: bool
    detail: str


def build_route(run_checks: Callable[[], tuple[HealthCheck, ...]]) -> Route:
    """GET /healthz: 200 when every check is well, else 503; each with its detail."""

    def healthz(_: Request) -> Response:
        found = run_checks()
        well = all(check.ok for check in found)
        body = {"ok": well, "checks": {check.name: {"ok": check.ok, "detail": check.detail} for check in found}}
        return JSONResponse(body, status_code=200 if well else 503, headers={"cache-control": "no-store"})

    return Route("/healthz", healthz, methods=["GET"])
