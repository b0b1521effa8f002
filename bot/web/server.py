"""Serves an app over HTTP, for as long as the process lives."""

import gc
import signal

import uvicorn
from starlette.applications import Starlette

SHUTDOWN_SECONDS = 9
"""Seconds for requests in hand when the process is asked to end."""


def freeze_startup_objects() -> None:
    """Next to nothing of what was made so far is garbage: it is looked through no more, and what comes now as usual."""
    gc.freeze()
    gc.set_threshold(700)  # Python's own; `bot.__main__` raised it


def serve(app: Starlette, host: str, port: int) -> int:
    """Serves until SIGTERM or SIGINT, which uvicorn raises once more when it has ended; that is not a failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    uvicorn.Server(config).run()
    return 0
