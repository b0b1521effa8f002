"""A fake Slack that checks its rate limits on the test's clock, and can fail at random."""

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
from urllib.parse import parse_qsl

MESSAGES_PER_SECOND = 5
"""Messages to one workspace: a bucket of five, refilled with five a second, so 300 a minute."""

CHANNEL_INTERVAL = 1.0
"""Minimum seconds between two messages to one channel."""


@dataclass
class LimitedSlack:
    """Records accepted messages and violations of the limits."""

    now: Callable[[], float]
    random: Random = field(default_factory=lambda: Random(1))
    fault_rate: float = 0.0
    """The share of posts that fail, most of them after they were recorded."""
    accepted: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Counts messages by workspace, channel and delivery id."""
    violations: list[str] = field(default_factory=list)
    last_accepted_at: float = 0.0
    """On the test's clock."""
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
        """Return the fault, or an empty string for none, and the response."""
        with self._lock:
            fault = self._choose_fault()
            if fault in {"429", "refused"}:
                return fault, {}
            channel = arguments["channel"]
            self._check_limits(team, channel)
            metadata = arguments["metadata"]
            metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
            self.accepted[team, channel, metadata["event_payload"]["delivery_id"]] += 1
            self.last_accepted_at = self.now()
            return fault, {"ok": True, "channel": channel, "ts": f"{self.last_accepted_at:.3f}{len(self.accepted):03}"}

    def handle_history(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            delivery_ids = [key for (t, c, key) in self.accepted if (t, c) == (team, arguments["channel"])]
        payloads = [{"event_type": "dlvm_reminder", "event_payload": {"delivery_id": id_}} for id_ in delivery_ids]
        return {"ok": True, "messages": [{"ts": "1.000001", "metadata": payload} for payload in payloads]}

    def _choose_fault(self) -> str:
        if self.random.random() >= self.fault_rate:
            return ""
        fault = self.random.choice(("429", "refused", "500", "reset", "slow", "cut"))
        self.faults[fault] += 1
        return fault

    def _check_limits(self, team: str, channel: str) -> None:
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


TOO_MANY_REQUESTS = 429
_DELAYS = {"slow": 0.05}
"""Real seconds before a response."""
_MISSING_BYTES = {"cut": 50}
"""Bytes that a response announces in its length but lacks."""
_RESPONSES: dict[str, tuple[int, dict[str, Any], int]] = {
    "429": (TOO_MANY_REQUESTS, {"ok": False, "error": "ratelimited"}, 0),
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
            arguments = json.loads(body) if "json" in self.headers["Content-Type"] else _parse_form(body)
            team = self.headers["Authorization"].rpartition("-")[2]
            if self.path.endswith("conversations.history"):
                self._respond(200, slack.handle_history(team, arguments))
                return
            fault, response = slack.handle_post(team, arguments)
            self.close_connection = fault in {"reset", "cut"}
            if fault == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            time.sleep(_DELAYS.get(fault, 0.0))
            status, content, missing_bytes = _RESPONSES.get(fault, (200, response, _MISSING_BYTES.get(fault, 0)))
            self._respond(status, content, missing_bytes=missing_bytes)

        def _respond(self, status: int, content: dict[str, Any], *, missing_bytes: int = 0) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + missing_bytes))
            if status == TOO_MANY_REQUESTS:
                self.send_header("Retry-After", "3")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - BaseHTTPRequestHandler calls this name

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):  # after a fault closed the connection
                return

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler


def _parse_form(body: bytes) -> dict[str, Any]:
    return dict(parse_qsl(body.decode()))
