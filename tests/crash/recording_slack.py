"""A fake Slack that records messages before it answers, shows them in histories, and can kill the sender of a post."""

import json
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class PostedMessage:
    """A message in its channel."""

    channel: str
    ts: str
    text: str
    metadata: dict[str, Any]
    delivery_id: str


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@dataclass
class RecordingSlack:
    """Records every message. `now` is its clock, set by the test."""

    now: float
    history: bool = True
    """True if the scope to read histories is granted."""
    hidden_lookups: int = 0
    """How many reads of a history return nothing yet."""
    kill_on_post: int = 0
    """The number of the post whose sender is killed after it is recorded. 0 for none."""
    delay: float = 0.0
    """Real seconds before each answer to a post."""
    messages: list[PostedMessage] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def clear(self) -> None:
        """Reset everything but the clock."""
        with self._lock:
            self.messages.clear()
            self.calls.clear()
            self.history, self.hidden_lookups, self.kill_on_post, self.delay = True, 0, 0, 0.0

    def count_by_channel(self) -> Counter[str]:
        """Return the number of messages in each channel."""
        return Counter(message.channel for message in self.messages)

    def handle(self, method: str, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.calls[method] += 1
            number = self.calls[method]
            match method:
                case "chat.postMessage":
                    response = self._post(arguments)
                    if number == self.kill_on_post:
                        os.kill(int(token.rpartition("-")[2]), signal.SIGKILL)
                case "conversations.history":
                    response = self._history(arguments, number)
                case "chat.update":
                    response = {"ok": True, "channel": arguments["channel"], "ts": arguments["ts"]}
                case _:
                    response = {"ok": False, "error": "unknown_method"}
        if method == "chat.postMessage" and self.delay:
            time.sleep(self.delay)
        return response

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        metadata = arguments["metadata"]
        metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
        ts = f"{self.now + len(self.messages) * 1e-6:.6f}"
        delivery_id = metadata["event_payload"]["delivery_id"]
        self.messages.append(PostedMessage(arguments["channel"], ts, arguments["text"], metadata, delivery_id))
        return {"ok": True, "channel": arguments["channel"], "ts": ts}

    def _history(self, arguments: dict[str, Any], number: int) -> dict[str, Any]:
        if not self.history:
            return {"ok": False, "error": "missing_scope", "needed": "channels:history"}
        is_hidden = number <= self.hidden_lookups
        messages = [
            message
            for message in self.messages
            if message.channel == arguments["channel"]
            and float(message.ts) > float(arguments["oldest"])
            and not is_hidden
        ]
        return {
            "ok": True,
            "messages": [
                {"ts": message.ts, "text": message.text, "metadata": message.metadata} for message in messages
            ],
            "has_more": False,
        }


def _handler(slack: RecordingSlack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            json_body = "json" in self.headers.get("Content-Type", "")
            arguments = json.loads(body) if json_body else dict(parse_qsl(body.decode()))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            response = json.dumps(slack.handle(self.path.rpartition("/")[2], token, arguments)).encode()
            try:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(response)))
                self.end_headers()
                self.wfile.write(response)
            except OSError:  # the sender was killed
                self.close_connection = True

        do_GET = do_POST  # noqa: N815 - BaseHTTPRequestHandler calls this name

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
