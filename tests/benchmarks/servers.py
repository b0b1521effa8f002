"""Servers as processes of their own: dlvm as it runs, and Bolt alone."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes.local_slack import ROOT, SECRET, LocalSlack, Process, free_port

PATIENCE = 30.0
"""Seconds until a process has to listen."""

COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Of the environment: a fresh process finds what was compiled before, as it does on any machine."""


def environment() -> dict[str, str]:
    """What a process of either side inherits: nothing of dlvm's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DLVM_"))}
    return clean | COMPILED | {"PYTHONPATH": str(ROOT)}


@contextmanager
def slack() -> Iterator[LocalSlack]:
    """What tells dlvm at its start who it is."""
    local = LocalSlack()
    yield local
    local.close()


@contextmanager
def dlvm(
    folder: Path, database_url: str, slack: LocalSlack, module: str = "tests.benchmarks.unlimited"
) -> Iterator[tuple[Process, int]]:
    """`dlvm run`, which answers and does not tick, with its port."""
    port = free_port()
    process = Process(
        folder,
        "run",
        "--only",
        "web",
        module=module,
        SLACK_BOT_TOKEN="xoxb-good",
        SLACK_SIGNING_SECRET=SECRET,
        SLACK_API_URL=slack.url,
        DATABASE_URL=database_url,
        PORT=str(port),
        HOST="127.0.0.1",
        LOG_LEVEL="WARNING",
        **COMPILED,
    )
    try:
        listening(process, port)
        yield process, port
        code, said = process.end()
    finally:
        process.running.kill()
    if code or "Traceback" in said:
        raise AssertionError(f"dlvm ended with {code} and said: {said}")


@contextmanager
def bolt(folder: Path, *arguments: str) -> Iterator[int]:
    """Bolt alone: behind dlvm's endpoint, or `default`; its port."""
    port = free_port()
    process = Process(folder, str(port), *arguments, module="tests.benchmarks.bare", **COMPILED)
    # It says a line for each request: with nobody who reads them it would stop once the pipe is full.
    reading = threading.Thread(target=process.running.communicate, daemon=True)
    try:
        listening(process, port)
        reading.start()
        yield port
    finally:
        process.running.kill()
        if reading.ident is not None:
            reading.join(PATIENCE)


def listening(process: Process, port: int, every: float = 0.002) -> None:
    """Waits until something listens there."""
    until = time.monotonic() + PATIENCE
    while process.running.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(every)
        else:
            return
    process.running.kill()
    raise AssertionError(f"nothing listens: {process.running.communicate()}")
