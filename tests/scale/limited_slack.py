"""A Slack that keeps its limits to the letter, on the test's own clock, and misbehaves at random when told to."""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

MESSAGES_PER_SECOND = 5
"""Messages to one workspace: a bucket of five that fills at five a second, which makes 300 a minute."""

CHANNEL_INTERVAL = 1.0
"""Seconds between two messages to one channel."""


@dataclass
class LimitedSlack:
    """Records what it accepts, and every limit that was broken."""

    now: Callable[[], float]
    chance: Random = field(default_factory=lambda: Random(1))
    fault_rate: float = 0.0
    """The share of posts that go wrong, most of them after they were recorded."""
    accepted: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By workspace, channel and delivery id."""
    violations: list[str] = field(default_factory=list)
    last_accepted_at: float = 0.0
    """When the last message was accepted."""
    faults: Counter[str] = field(default_factory=Counter)
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _channels: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def handle_post(self, team: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """What goes wrong, empty for nothing, and the answer."""
        with self._lock:
            wrong = self._wrong()
            if wrong in {"429", "refused"}:
                return wrong, {}
            channel = arguments["channel"]
            self._keep_limits(team, channel)
            metadata = arguments["metadata"]
            metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
            self.accepted[team, channel, metadata["event_payload"]["delivery_id"]] += 1
            self.last_accepted_at = self.now()
            return wrong, {"ok": True, "channel": channel, "ts": f"{self.last_accepted_at:.3f}{len(self.accepted):03}"}

    def handle_history(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            found = [key for (t, c, key) in self.accepted if (t, c) == (team, arguments["channel"])]
        metadata = [{"event_type": "dlvm_reminder", "event_payload": {"delivery_id": key}} for key in found]
        return {"ok": True, "messages": [{"ts": "1.000001", "metadata": each} for each in metadata]}

    def _wrong(self) -> str:
        if self.chance.random() >= self.fault_rate:
            return ""
        wrong = self.chance.choice(("429", "refused", "500", "reset", "slow", "cut"))
        self.faults[wrong] += 1
        return wrong

    def _keep_limits(self, team: str, channel: str) -> None:
        now = self.now()
        level, at = self._buckets.get(team, (float(MESSAGES_PER_SECOND), now))
        level = min(level + (now - at) * MESSAGES_PER_SECOND, float(MESSAGES_PER_SECOND)) - 1
        self._buckets[team] = (level, now)
        if level < -1e-6:
            self.violations.append(f"{team}: more than {MESSAGES_PER_SECOND} a second at {now}")
        before = self._channels.get((team, channel), now - CHANNEL_INTERVAL)
        if now - before < CHANNEL_INTERVAL - 1e-6:
            self.violations.append(f"{team} {channel}: {now - before} s after the last")
        self._channels[team, channel] = now


TOO_MANY = 429
_SLOWNESS = {"slow": 0.05}
"""Real seconds before an answer."""
_MISSING = {"cut": 50}
"""Bytes that an answer promises and does not bring."""
_ANSWERS: dict[str, tuple[int, dict[str, Any], int]] = {
    "429": (TOO_MANY, {"ok": False, "error": "ratelimited"}, 0),
    "refused": (200, {"ok": False, "error": "rate_limited"}, 0),
    "500": (500, {}, 0),
}


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


def _handler(slack: LimitedSlack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arguments = json.loads(body) if "json" in self.headers["Content-Type"] else _form(body)
            team = self.headers["Authorization"].rpartition("-")[2]
            if self.path.endswith("conversations.history"):
                self._say(200, slack.handle_history(team, arguments))
                return
            wrong, answer = slack.handle_post(team, arguments)
            self.close_connection = wrong in {"reset", "cut"}
            if wrong == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            time.sleep(_SLOWNESS.get(wrong, 0.0))
            status, content, longer = _ANSWERS.get(wrong, (200, answer, _MISSING.get(wrong, 0)))
            self._say(status, content, longer=longer)

        def _say(self, status: int, content: dict[str, Any], *, longer: int = 0) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + longer))
            if status == TOO_MANY:
                self.send_header("Retry-After", "3")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name BaseHTTPRequestHandler calls

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):  # closed on purpose
                return

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler


def _form(body: bytes) -> dict[str, Any]:
    from urllib.parse import parse_qsl  # noqa: PLC0415 - beside its only use

    return dict(parse_qsl(body.decode()))
