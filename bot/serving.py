"""Serves an app over HTTP."""

import signal

import uvicorn
from starlette.applications import Starlette

GRACE = 9
"""Seconds for requests in hand when the process is asked to end."""


def serve(app: Starlette, host: str, port: int) -> int:
    """Serves until SIGTERM or SIGINT, which uvicorn raises once more when it has ended; that is not a failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE
    )
    uvicorn.Server(config).run()
    return 0
