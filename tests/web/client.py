"""A client that calls an ASGI app in process."""

import asyncio
import json
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute

from bot.web import app as web


@dataclass
class Response:
    """The app's response."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send_request(
    routes: Sequence[BaseRoute], path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> Response:
    """Send a request to an app with these routes, and return the response."""
    app = web.build_app(routes, on_start=lambda: None, on_stop=lambda: None)
    response = Response()
    raw = [(b"host", b"dlvm.example.test"), *((k.lower().encode(), v.encode()) for k, v in (headers or {}).items())]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": "", "scheme": "https",
        "query_string": b"", "headers": raw, "server": ("dlvm.example.test", 443), "client": ("192.0.2.1", 1),
        "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            response.status = message["status"]
            response.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            response.body += message.get("body", b"")

    asyncio.run(app(scope, receive, send))
    return response
