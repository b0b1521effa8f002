"""A fake Slack over HTTP and a WebSocket, and dlvm as a child process."""

import asyncio
import base64
import http.client
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.signed_requests import sign

ROOT = Path(__file__).parents[2]
SECRET = "0123456789abcdef0123456789abcdef"


CLIENT_ID, CLIENT_SECRET = "12.34", "client-secret-of-the-app"

INSTALLATIONS: dict[str, dict[str, Any]] = {
    "code-of-a-workspace": {"team": {"id": "T1", "name": "Acme"}, "enterprise": None},
    "code-of-an-organisation": {"team": None, "enterprise": {"id": "E1", "name": "Org"}, "is_enterprise_install": True},
}
"""Installations by OAuth code."""

COMMAND_FORM = {
    "command": "/dlvm",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
    "text": "subscribe pytorch-2.9",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class FakeSlack:
    """A Slack with one token and one socket. Tests send and receive the socket's messages through queues."""

    def __init__(self) -> None:
        self.port = free_port()
        self.codes: list[str] = []
        self.to_bot: queue.Queue[Any] = queue.Queue()
        self.from_bot: queue.Queue[Any] = queue.Queue()
        routes = [Route("/api/{method}", self._call, methods=["POST"]), WebSocketRoute("/socket", self._socket)]
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="error", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def close(self) -> None:
        self._server.should_exit = True
        self.to_bot.put(None)  # ends the socket's thread, which would block the shutdown
        self._thread.join(30)

    async def _call(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        method = request.path_params["method"]
        if method == "auth.test":
            if token != "xoxb-good":
                return JSONResponse({"ok": False, "error": "invalid_auth"})
            scopes = "commands,chat:write,channels:read,groups:read,users:read"
            identity = {"ok": True, "team": "Acme", "team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "user": "dlvm"}
            return JSONResponse(identity, headers={"x-oauth-scopes": scopes})
        if method == "oauth.v2.access":
            return await self._exchange(request)
        return JSONResponse(self._build_response(method))

    def _build_response(self, method: str) -> dict[str, Any]:
        channel = {"id": "C1", "is_channel": True, "is_private": False, "is_member": False}
        responses: dict[str, dict[str, Any]] = {
            "apps.connections.open": {"url": f"ws://127.0.0.1:{self.port}/socket"},
            "conversations.info": {"channel": channel},
            "users.info": {"user": {"id": "U1", "team_id": "T1"}},
        }
        return {"ok": True, **responses[method]} if method in responses else {"ok": False, "error": "unknown_method"}

    async def _exchange(self, request: Request) -> Response:
        """Exchange a code for the token, if the app's credentials are right."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        code = str((await request.form()).get("code"))
        self.codes.append(code)
        if request.headers.get("authorization") != f"Basic {basic}" or code not in INSTALLATIONS:
            return JSONResponse({"ok": False, "error": "invalid_code"})
        granted = {"access_token": "xoxb-good", "scope": "commands,chat:write", "bot_user_id": "UBOT", "app_id": "A1"}
        return JSONResponse({"ok": True, "authed_user": {"id": "U1"}} | granted | INSTALLATIONS[code])

    async def _socket(self, websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json({"type": "hello", "num_connections": 1})
        try:
            while True:
                envelope = await asyncio.to_thread(self.to_bot.get)
                if envelope is None:
                    return
                await websocket.send_json(envelope)
                self.from_bot.put(await websocket.receive_json())
        except WebSocketDisconnect:
            return


class Process:
    """A child process that runs the dlvm command, or another module, in its own folder."""

    def __init__(
        self, folder: Path, *arguments: str, module: str = "tests.processes.long_timeout_cli", **environment: str
    ) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DLVM_"))}
        self.popen = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env=inherited | {"PYTHONPATH": str(ROOT), "DLVM_CATALOGUE_URL": "off"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, words: str) -> None:
        assert self.popen.stderr is not None
        output = ""
        for line in self.popen.stderr:
            output += line
            if words in line:
                return
        pytest.fail(f"stderr never contained {words!r}: {output}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the process if the test failed before it ended."""
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.communicate()

    def terminate(self) -> tuple[int, str]:
        self.popen.send_signal(signal.SIGTERM)
        out, err = self.popen.communicate(timeout=20)
        return self.popen.returncode, out + err


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def get_text(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return bytes(response.read())


def post(url: str, body: bytes, secret: str = SECRET) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, sign(body, secret)), timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def post_headers_only(port: str, length: int) -> int:
    """Announce a body without sending it, and return the status. The server must not wait for the body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status
