"""dlvm run as a real process, in Socket Mode and over HTTP, against a Slack on this machine."""

import hashlib
import hmac
import http.client
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

ROOT = Path(__file__).parents[2]
SECRET = "0123456789abcdef0123456789abcdef"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class LocalSlack:
    """Knows one token, opens one socket, and hands what goes through it to the test."""

    def __init__(self) -> None:
        self.port = free_port()
        self.to_bot: queue.Queue[Any] = queue.Queue()
        self.from_bot: queue.Queue[Any] = queue.Queue()
        routes = [Route("/api/{method}", self._call, methods=["POST"]), WebSocketRoute("/socket", self._socket)]
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="error", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    async def _call(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        method = request.path_params["method"]
        if method == "auth.test":
            if token != "xoxb-good":
                return JSONResponse({"ok": False, "error": "invalid_auth"})
            scopes = "commands,chat:write,channels:read,groups:read,users:read"
            who = {"ok": True, "team": "Acme", "team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "user": "dlvm"}
            return JSONResponse(who, headers={"x-oauth-scopes": scopes})
        if method == "apps.connections.open":
            return JSONResponse({"ok": True, "url": f"ws://127.0.0.1:{self.port}/socket"})
        if method == "conversations.info":
            channel = {"id": "C1", "is_channel": True, "is_private": False, "is_member": False}
            return JSONResponse({"ok": True, "channel": channel})
        return JSONResponse({"ok": False, "error": "unknown_method"})

    async def _socket(self, socket_: WebSocket) -> None:
        await socket_.accept()
        await socket_.send_json({"type": "hello", "num_connections": 1})
        try:
            while True:
                await socket_.send_json(self.to_bot.get(timeout=20))
                self.from_bot.put(await socket_.receive_json())
        except (queue.Empty, WebSocketDisconnect):
            return


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    local = LocalSlack()
    yield local
    local.close()


class Process:
    """A dlvm process with its own database."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DLVM_"))}
        self.running = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=folder,
            env=clean | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, words: str) -> None:
        assert self.running.stderr is not None
        seen = ""
        for line in self.running.stderr:
            seen += line
            if words in line:
                return
        pytest.fail(f"never said {words!r}: {seen}")

    def end(self) -> tuple[int, str]:
        self.running.send_signal(signal.SIGTERM)
        out, err = self.running.communicate(timeout=20)
        return self.running.returncode, out + err


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def post(url: str, body: bytes, secret: str = SECRET) -> tuple[int, bytes]:
    timestamp = str(int(datetime.now(UTC).timestamp()))
    signed = hmac.new(secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={signed}",
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def only_headers(port: str, length: int) -> int:
    """The status for a body that is announced and never sent: nobody may wait for it."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


FORM = {"command": "/dlvm", "team_id": "T1", "channel_id": "C1", "user_id": "U1", "text": "subscribe pytorch-2.9"}


def test_socket_mode_answers_and_ends_in_time(tmp_path: Path, slack: LocalSlack) -> None:
    process = Process(tmp_path, "run", SLACK_BOT_TOKEN="xoxb-good", SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=slack.url)
    process.wait_for("by Socket Mode")
    slack.to_bot.put({"type": "slash_commands", "envelope_id": "E1", "payload": FORM, "accepts_response_payload": True})
    answer = slack.from_bot.get(timeout=20)
    assert answer["envelope_id"] == "E1"
    assert "will be reminded" in answer["payload"]["text"]
    assert "type `/invite @dlvm` here" in answer["payload"]["text"]
    code, said = process.end()
    assert code == 0
    assert "xapp-" not in said
    assert (tmp_path / "var" / "dlvm.db").exists()


def test_http_serves_slack_and_health_and_ends_in_time(tmp_path: Path, slack: LocalSlack) -> None:
    port = str(free_port())
    process = Process(
        tmp_path,
        "run",
        SLACK_BOT_TOKEN="xoxb-good",
        SLACK_SIGNING_SECRET=SECRET,
        SLACK_API_URL=slack.url,
        PORT=port,
        HOST="127.0.0.1",
    )
    process.wait_for("Uvicorn running")
    url = f"http://127.0.0.1:{port}"
    status, body = post(f"{url}/slack/events", urlencode(FORM).encode())
    assert status == 200
    assert "will be reminded" in json.loads(body)["text"]
    assert post(f"{url}/slack/events", urlencode(FORM).encode(), secret="wrong")[0] == 401
    assert only_headers(port, length=1024 * 1024 + 1) == 413
    assert post(f"{url}/slack/events", b'payload={"type":"view_submission"}')[0] in {200, 400}
    status, health = get(f"{url}/healthz")
    assert (status, health["ok"]) == (200, True)
    assert set(health["checks"]) == {"ticks", "database", "catalogue"}
    code, said = process.end()
    assert code == 0
    assert "Traceback" not in said


def test_web_and_worker_share_the_work(tmp_path: Path, slack: LocalSlack) -> None:
    both = {"SLACK_BOT_TOKEN": "xoxb-good", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack.url}
    port = str(free_port())
    web = Process(tmp_path, "run", "--only", "web", PORT=port, HOST="127.0.0.1", **both)
    web.wait_for("Uvicorn running")
    worker = Process(tmp_path, "run", "--only", "worker", **both)
    worker.wait_for("ticking only")
    assert post(f"http://127.0.0.1:{port}/slack/events", urlencode(FORM).encode())[0] == 200
    assert get(f"http://127.0.0.1:{port}/healthz")[1]["checks"]["database"]["ok"]
    assert (worker.end()[0], web.end()[0]) == (0, 0)


@pytest.mark.parametrize(
    ("token", "code", "sentence"), [("xoxb-bad", 2, "Slack refuses SLACK_BOT_TOKEN (invalid_auth)")]
)
def test_a_token_that_slack_refuses_stops_the_start(
    tmp_path: Path, slack: LocalSlack, token: str, code: int, sentence: str
) -> None:
    process = Process(tmp_path, "run", SLACK_BOT_TOKEN=token, SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=slack.url)
    _, err = process.running.communicate(timeout=30)
    assert (process.running.returncode, sentence in err) == (code, True), err


def test_a_slack_out_of_reach_is_said(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/api/"
    process = Process(tmp_path, "run", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=url)
    _, err = process.running.communicate(timeout=60)
    assert process.running.returncode == 1
    assert "could not be reached" in err


def test_the_doctor_looks_at_the_token_and_its_scopes(tmp_path: Path, slack: LocalSlack) -> None:
    environment = {"SLACK_BOT_TOKEN": "xoxb-good", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": slack.url}
    Process(tmp_path, "migrate", **environment).running.communicate(timeout=60)
    process = Process(tmp_path, "doctor", **environment)
    out, _ = process.running.communicate(timeout=60)
    assert process.running.returncode == 0
    assert "in Acme (T1), by Socket Mode" in out
    assert "not granted: chat:write.public" in out


def test_a_tick_from_the_terminal_posts_where_slack_is_not_slacks_own(tmp_path: Path, slack: LocalSlack) -> None:
    environment = {"SLACK_BOT_TOKEN": "xoxb-good", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": slack.url}
    asked = Process(
        tmp_path, "ask", "subscribe pytorch-2.7", "--on", "2026-12-01", "--workspace", "T1", "--channel", "C1"
    )
    asked.running.communicate(timeout=60)
    process = Process(tmp_path, "tick", "--at", "2027-01-13T09:00:00Z", "--json", **environment)
    out, err = process.running.communicate(timeout=60)
    assert process.running.returncode == 0, err
    assert json.loads(out) == {
        "planned": 1,
        "sent": 0,
        "messages": 0,
        "superseded": 0,
        "waiting": 1,
        "held": 0,
        "dead": 0,
        "unfinished": 0,
    }
