"""Health checks of this process, served at /healthz."""

from collections.abc import Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class HealthCheck(Struct, frozen=True):
    """The result of a check."""

    name: str
    ok: bool
    detail: str


def build_route(run_checks: Callable[[], tuple[HealthCheck, ...]]) -> Route:
    """Return the route of GET /healthz. It responds 200 if every check is ok, else 503, with each check's detail."""

    def healthz(_: Request) -> Response:
        checks = run_checks()
        is_ok = all(check.ok for check in checks)
        body = {"ok": is_ok, "checks": {check.name: {"ok": check.ok, "detail": check.detail} for check in checks}}
        return JSONResponse(body, status_code=200 if is_ok else 503, headers={"cache-control": "no-store"})

    return Route("/healthz", healthz, methods=["GET"])
