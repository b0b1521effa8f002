"""The sandbox, and a browser to look at it with."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from storage.database import Database
from tests.sandbox.driver import SandboxDriver, run_sandbox

INSTALL_HINT = "no Chromium: apt-get install -y chromium fonts-noto-core fonts-noto-color-emoji"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def sandbox(sqlite_database: Database) -> Iterator[SandboxDriver]:
    """The bot in its sandbox, served on this machine."""
    with run_sandbox(sqlite_database) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by playwright."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("DLVM_REQUIRE_BROWSER"):
            pytest.fail(INSTALL_HINT)
        pytest.skip(INSTALL_HINT)
    expect.set_options(timeout=60_000)  # machines are busy at times
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield opened
        opened.close()
