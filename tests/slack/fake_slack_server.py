"""A fake Slack server that records each request and then behaves as the test says."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from datetime import date

from bot.answers import ReminderMessage, Source
from bot.policy.post_outcomes import PostOutcome
from bot.slack.client.sender import SlackSender

Behaviour = Callable[[socket.socket], None]


class FakeSlackServer:
    """Reads and records each request, and then runs the next behaviour."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.behaviours: list[Behaviour] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/api/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                if request := _read_request(connection):
                    self.requests.append(request)
                    behaviour = self.behaviours.pop(0) if self.behaviours else respond(b"{}")
                    behaviour(connection)


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65_536)
        if not chunk:
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def respond(body: bytes, status: str = "200 OK", content_type: str = "application/json", extra: str = "") -> Behaviour:
    def behave(connection: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}"
        head += "Connection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return behave


def respond_json(**fields: object) -> Behaviour:
    return respond(json.dumps(fields).encode())


def close_connection(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def reset_connection(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut_response(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"ok":')


OK = respond_json(ok=True, channel="C1", ts="1.2")
MESSAGE = ReminderMessage(
    "T1", "C1", "a-random-key", date(2027, 1, 13), "UTC", (), Source("https://x/", date(2026, 4, 10))
)


def send_message(server: FakeSlackServer, sender: SlackSender, *behaviours: Behaviour) -> PostOutcome:
    server.behaviours = list(behaviours)
    return sender.send(MESSAGE).result(timeout=60)
