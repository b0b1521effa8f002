"""A running sandbox, and pages of a browser."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

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
    """Serve a sandbox."""
    with run_sandbox(sqlite_database) as driver:
        yield driver


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium under playwright."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("DLVM_REQUIRE_BROWSER"):
            pytest.fail(INSTALL_HINT)
        pytest.skip(INSTALL_HINT)
    expect.set_options(timeout=60_000)  # for busy machines
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, sandbox: SandboxDriver, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open the sandbox's page, with JavaScript unless the parameter is False, and fail on its errors."""
    has_javascript = getattr(request, "param", True)
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=has_javascript)
    opened.set_default_timeout(60_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.goto(sandbox.url)
    yield opened
    opened.close()
    assert problems == []
