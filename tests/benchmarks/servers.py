"""Servers as processes of their own: dlvm as it runs, and Bolt alone."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes.fake_slack import ROOT, SECRET, FakeSlack, Process, free_port

START_TIMEOUT = 30.0
"""Seconds until a process has to listen."""

BYTECODE_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": ""}
"""Of the environment: a fresh process finds what was compiled before, as it does on any machine."""


def build_environment() -> dict[str, str]:
    """What a process of either side inherits: nothing of dlvm's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DLVM_"))}
    return clean | BYTECODE_ENVIRONMENT | {"PYTHONPATH": str(ROOT)}


@contextmanager
def run_slack() -> Iterator[FakeSlack]:
    """What tells dlvm at its start who it is."""
    local = FakeSlack()
    yield local
    local.close()


@contextmanager
def run_dlvm(
    folder: Path, database_url: str, slack: FakeSlack, module: str = "tests.benchmarks.unlimited"
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
        **BYTECODE_ENVIRONMENT,
    )
    try:
        wait_until_listening(process, port)
        yield process, port
        code, said = process.terminate()
    finally:
        process.popen.kill()
    if code or "Traceback" in said:
        raise AssertionError(f"dlvm ended with {code} and said: {said}")


@contextmanager
def run_bolt(folder: Path, *arguments: str) -> Iterator[int]:
    """Bolt alone: behind dlvm's endpoint, or `default`; its port."""
    port = free_port()
    process = Process(folder, str(port), *arguments, module="tests.benchmarks.bare", **BYTECODE_ENVIRONMENT)
    # It says a line for each request: with nobody who reads them it would stop once the pipe is full.
    reading = threading.Thread(target=process.popen.communicate, daemon=True)
    try:
        wait_until_listening(process, port)
        reading.start()
        yield port
    finally:
        process.popen.kill()
        if reading.ident is not None:
            reading.join(START_TIMEOUT)


def wait_until_listening(process: Process, port: int, every: float = 0.002) -> None:
    """Waits until something listens there."""
    until = time.monotonic() + START_TIMEOUT
    while process.popen.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(every)
        else:
            return
    process.popen.kill()
    raise AssertionError(f"nothing listens: {process.popen.communicate()}")
