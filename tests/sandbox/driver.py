"""The sandbox served over HTTP: the bot, the Web API and the page on one port."""

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from playwright.sync_api import Page
from slack_sdk import WebClient

from bot.bootstrap import core, sandbox
from bot.sandbox.models import Channel
from bot.settings import Settings
from storage.database import Database
from tests.timeouts import LONG_TIMEOUTS, REQUEST_LIMIT


@dataclass
class SandboxDriver:
    """A running sandbox, with methods to use it."""

    server: sandbox.SandboxServer
    url: str

    @property
    def token(self) -> str:
        return self.server.application.slack.find_token("T0SANDBOX") or ""

    def client(self, token: str = "") -> WebClient:
        return WebClient(token or self.token, base_url=f"{self.url}/api/", retry_handlers=[])

    def channel(self, channel_id: str = "C0TRAINING") -> Channel:
        return self.server.workspace.channels[channel_id]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.url + path, urlencode(form).encode(), headers or {}))

    def send(self, text: str, channel_id: str = "C0TRAINING") -> str:
        """Send the composer's text, and return the last message in the channel."""
        status, _ = self.post(f"/c/{channel_id}/say", text=text)
        assert status == 200
        messages = self.channel(channel_id).messages
        return messages[-1].text if messages else ""

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def run_sandbox(database: Database, snapshot_path: Path | None = None) -> Iterator[SandboxDriver]:
    """Serve the sandbox until the end of the block."""
    core.migrate_database(database)
    with socket.create_server(("127.0.0.1", 0)) as free_socket:
        port = int(free_socket.getsockname()[1])
    settings = Settings(_env_file=None)  # type: ignore[call-arg] # pydantic-settings' own argument
    sandbox_server = sandbox.build_server(settings, database, port, snapshot_path, LONG_TIMEOUTS, REQUEST_LIMIT)
    server = uvicorn.Server(uvicorn.Config(sandbox_server.app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)  # uvicorn has no event for this
    yield SandboxDriver(sandbox_server, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(20)


def send_from_page(page: Page, text: str) -> None:
    """Type a text into the page's composer, and send it."""
    page.fill("#text", text)
    page.press("#text", "Escape")
    page.click("#composer >> text=Send")
