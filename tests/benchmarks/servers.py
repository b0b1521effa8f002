"""dlvm and bare Bolt as server processes."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes.fake_slack import ROOT, SECRET, FakeSlack, Process, free_port

START_TIMEOUT = 30.0
"""Seconds a process has to start listening."""

BYTECODE_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": ""}
"""Lets new processes use compiled bytecode, as they do on any machine."""


def build_environment() -> dict[str, str]:
    """Return the environment without dlvm's settings, for both sides."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DLVM_"))}
    return inherited | BYTECODE_ENVIRONMENT | {"PYTHONPATH": str(ROOT)}


@contextmanager
def run_slack() -> Iterator[FakeSlack]:
    """Run the Slack that dlvm asks for its identity at the start."""
    slack = FakeSlack()
    yield slack
    slack.close()


@contextmanager
def run_dlvm(
    folder: Path, database_url: str, slack: FakeSlack, module: str = "tests.benchmarks.unlimited_cli"
) -> Iterator[tuple[Process, int]]:
    """Run `dlvm run --only web`, and return its process and port."""
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
        code, output = process.terminate()
    finally:
        process.popen.kill()
    if code or "Traceback" in output:
        raise AssertionError(f"dlvm ended with {code}: {output}")


@contextmanager
def run_bolt(folder: Path, *arguments: str) -> Iterator[int]:
    """Run bare Bolt behind dlvm's endpoint, or with the argument `default` on its own. Return its port."""
    port = free_port()
    process = Process(folder, str(port), *arguments, module="tests.benchmarks.bare_bolt", **BYTECODE_ENVIRONMENT)
    # Bolt prints a line for each request, and would block once the pipe is full.
    reader = threading.Thread(target=process.popen.communicate, daemon=True)
    try:
        wait_until_listening(process, port)
        reader.start()
        yield port
    finally:
        process.popen.kill()
        if reader.ident is not None:
            reader.join(START_TIMEOUT)


def wait_until_listening(process: Process, port: int, interval: float = 0.002) -> None:
    """Wait until the process listens on the port."""
    deadline = time.monotonic() + START_TIMEOUT
    while process.popen.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(interval)
        else:
            return
    process.popen.kill()
    raise AssertionError(f"nothing listens on the port: {process.popen.communicate()}")
