"""The HTTP server of the process."""

import gc
import signal

import uvicorn
from starlette.applications import Starlette

SHUTDOWN_SECONDS = 9
"""How long open requests can take after a signal to stop."""


def freeze_startup_objects() -> None:
    """Exclude every present object from garbage collection, since almost all of them live until exit."""
    gc.freeze()
    gc.set_threshold(700)  # Python's default, which `bot.__main__` raised for the startup


def serve(app: Starlette, host: str, port: int) -> int:
    """Serve the app until SIGTERM or SIGINT, and return exit code 0."""
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises the signal again after it has stopped
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    uvicorn.Server(config).run()
    return 0
