"""What Slack says of people: read from a real server, in time or not at all, and remembered for five minutes."""

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
from bot.slack.client import users as asking
from bot.slack.client.users import UsersClient
from tests.timeouts import LONG_TIMEOUTS

ANA = Place("T1", "C1", "UANA")
USER: dict[str, Any] = {"id": "UANA", "team_id": "T1"}


class Answers:
    """A Slack that answers what it is told, and counts."""

    def __init__(self) -> None:
        self.user: dict[str, Any] | None = USER
        self.asked: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.hold.wait(30)
                method = self.path.rpartition("/")[2]
                sent = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                outer.asked.append(method)
                body = json.dumps(outer.said(method, parse_qs(sent))).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/"

    def said(self, method: str, query: dict[str, list[str]]) -> dict[str, Any]:
        if method == "users.info":
            return {"ok": True, "user": self.user} if self.user else {"ok": False, "error": "user_not_found"}
        if method == "conversations.info":
            private = query["channel"] != ["C1"]
            return {"ok": True, "channel": {"creator": "UMADE", "is_channel": True, "is_private": private}}
        if query["usergroup"] == ["SOPS"]:
            return {"ok": True, "users": ["UANA", "UBEN"]}
        return {"ok": False, "error": "missing_scope"}


@pytest.fixture
def server() -> Iterator[Answers]:
    made = Answers()
    yield made
    made.hold.set()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def people(server: Answers, clock: list[float]) -> Iterator[UsersClient]:
    made = UsersClient({"T1": "xoxb-1"}.get, server.url, lambda: clock[0], LONG_TIMEOUTS)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("user", "standing"),
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
def test_a_person_is_what_slack_says(
    server: Answers, people: UsersClient, user: dict[str, Any] | None, standing: Role
) -> None:
    server.user = user
    assert people.find_person(ANA, ()).role is standing


def test_groups_makers_and_public_channels_are_asked_for(people: UsersClient) -> None:
    assert people.find_person(ANA, ("SOPS", "SHIDDEN")).groups == {"SOPS"}
    assert people.list_group_members("T1", "SOPS") == ("UANA", "UBEN")
    assert people.list_group_members("T1", "SHIDDEN") == ()
    assert people.find_creator(ANA) == "UMADE"
    assert people.filter_public("T1", ["C1", "C2"]) == {"C1"}


def test_what_was_said_is_remembered_for_five_minutes(server: Answers, people: UsersClient, clock: list[float]) -> None:
    for _ in range(3):
        people.find_person(ANA, ())
    assert server.asked == ["users.info"]
    clock[0] = 301
    people.find_person(ANA, ())
    assert server.asked == ["users.info"] * 2


def test_memory_is_bounded_and_each_workspaces_own(
    server: Answers, people: UsersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MAX_CACHED", 2)
    for user in ("U1", "U2", "U3", "U1"):
        people.find_person(Place("T1", "C1", user), ())
    assert len(server.asked) == 4
    assert people.find_person(Place("T2", "C1", "U1"), ()).role is Role.UNKNOWN


def test_an_answer_that_is_late_is_none_now_and_there_the_next_time(
    server: Answers, people: UsersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_patience", replace(LONG_TIMEOUTS, users=0.05))
    server.hold.clear()
    assert people.find_person(ANA, ()).role is Role.UNKNOWN
    server.hold.set()
    monkeypatch.setattr(people, "_patience", LONG_TIMEOUTS)
    assert people.find_person(ANA, ()).role is Role.MEMBER
