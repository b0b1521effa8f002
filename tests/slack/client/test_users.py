"""The users client against a fake Slack server: timeouts, roles and caching."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from msgspec.structs import replace

from bot.policy.permissions import Role
from bot.service.place import Place
from bot.slack.client import users
from bot.slack.client.users import UsersClient
from tests.timeouts import LONG_TIMEOUTS

ANA = Place("T1", "C1", "UANA")
USER: dict[str, Any] = {"id": "UANA", "team_id": "T1"}


class FakeUsersServer:
    """A Slack that answers calls about people and records their methods."""

    def __init__(self) -> None:
        self.user: dict[str, Any] | None = USER
        self.methods: list[str] = []
        self.can_answer = threading.Event()
        self.can_answer.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.can_answer.wait(30)
                method = self.path.rpartition("/")[2]
                query = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                server.methods.append(method)
                body = json.dumps(server.answer(method, parse_qs(query))).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/"

    def answer(self, method: str, query: dict[str, list[str]]) -> dict[str, Any]:
        if method == "users.info":
            return {"ok": True, "user": self.user} if self.user else {"ok": False, "error": "user_not_found"}
        if method == "conversations.info":
            private = query["channel"] != ["C1"]
            return {"ok": True, "channel": {"creator": "UMADE", "is_channel": True, "is_private": private}}
        if query["usergroup"] == ["SOPS"]:
            return {"ok": True, "users": ["UANA", "UBEN"]}
        return {"ok": False, "error": "missing_scope"}


@pytest.fixture
def server() -> Iterator[FakeUsersServer]:
    server = FakeUsersServer()
    yield server
    server.can_answer.set()
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def client(server: FakeUsersServer, clock: list[float]) -> Iterator[UsersClient]:
    client = UsersClient({"T1": "xoxb-1"}.get, server.url, lambda: clock[0], LONG_TIMEOUTS)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("user", "role"),
    [
        (USER, Role.MEMBER),
        (USER | {"is_admin": True}, Role.ADMIN),
        (USER | {"is_owner": True}, Role.ADMIN),
        (USER | {"is_restricted": True}, Role.GUEST),
        (USER | {"is_restricted": True, "is_ultra_restricted": True}, Role.GUEST),
        (USER | {"is_stranger": True}, Role.EXTERNAL),
        (USER | {"team_id": "T2", "is_admin": True}, Role.EXTERNAL),
        (USER | {"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, Role.MEMBER),
        (USER | {"team_id": "T2", "enterprise_user": {"teams": ["T2"]}}, Role.EXTERNAL),
        (USER | {"deleted": True}, Role.GUEST),
        (USER | {"is_bot": True}, Role.GUEST),
        (None, Role.UNKNOWN),
    ],
)
def test_person_has_the_role_slack_reports(
    server: FakeUsersServer, client: UsersClient, user: dict[str, Any] | None, role: Role
) -> None:
    server.user = user
    assert client.find_person(ANA, ()).role is role


def test_client_finds_groups_creators_and_public_channels(client: UsersClient) -> None:
    assert client.find_person(ANA, ("SOPS", "SHIDDEN")).groups == {"SOPS"}
    assert client.list_group_members("T1", "SOPS") == ("UANA", "UBEN")
    assert client.list_group_members("T1", "SHIDDEN") == ()
    assert client.find_creator(ANA) == "UMADE"
    assert client.filter_public("T1", ["C1", "C2"]) == {"C1"}


def test_answer_is_cached_for_five_minutes(server: FakeUsersServer, client: UsersClient, clock: list[float]) -> None:
    for _ in range(3):
        client.find_person(ANA, ())
    assert server.methods == ["users.info"]
    clock[0] = 301
    client.find_person(ANA, ())
    assert server.methods == ["users.info"] * 2


def test_cache_is_bounded_and_separate_for_each_workspace(
    server: FakeUsersServer, client: UsersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "MAX_CACHED", 2)
    for user in ("U1", "U2", "U3", "U1"):
        client.find_person(Place("T1", "C1", user), ())
    assert len(server.methods) == 4
    assert client.find_person(Place("T2", "C1", "U1"), ()).role is Role.UNKNOWN


def test_late_answer_is_used_for_the_next_request(
    server: FakeUsersServer, client: UsersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_timeouts", replace(LONG_TIMEOUTS, users=0.05))
    server.can_answer.clear()
    assert client.find_person(ANA, ()).role is Role.UNKNOWN
    server.can_answer.set()
    monkeypatch.setattr(client, "_timeouts", LONG_TIMEOUTS)
    assert client.find_person(ANA, ()).role is Role.MEMBER
