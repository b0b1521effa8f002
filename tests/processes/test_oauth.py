"""Installing by OAuth against a Slack on this machine: the state, the token, and nothing secret told."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.service.workspaces.installations import InstallationRegistry, TokenVault, generate_key
from bot.slack import oauth
from storage import installations
from storage.database import Database
from storage.facts import Installation
from tests.processes.local_slack import (
    CLIENT_ID,
    CLIENT_SECRET,
    COMMAND_FORM,
    SECRET,
    FakeSlack,
    Process,
    free_port,
    get,
    post,
)
from tests.service.driver import utc

NOW = utc("2026-11-23 12:00")
GOOD = "code-of-a-workspace"


@dataclass
class Browser:
    """Somebody who installs the bot; keeps the one cookie there is."""

    begin: Route
    end: Route
    cookie: str = ""
    state: str = ""
    shown: list[Response] = field(default_factory=list)

    def start(self) -> dict[str, list[str]]:
        answer = self._visit(self.begin, "")
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        page = bytes(answer.body).decode()
        address = page.partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
        asked = parse_qs(urlsplit(address).query)
        self.state = asked["state"][0]
        return asked

    def return_from_slack(self, **query: str) -> Response:
        return self._visit(self.end, urlencode({"state": self.state} | query))

    def _visit(self, route: Route, query: str) -> Response:
        headers = [(b"cookie", self.cookie.encode())]
        scope = {"type": "http", "method": "GET", "path": route.path, "query_string": query.encode()}
        answer = route.endpoint(Request(scope | {"headers": headers}))
        assert isinstance(answer, Response)
        self.shown.append(answer)
        return answer


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def installs(sqlite_database: Database) -> InstallationRegistry:
    return InstallationRegistry(sqlite_database, TokenVault([generate_key()]), lambda: 0.0)


@pytest.fixture
def another(installs: InstallationRegistry, slack: FakeSlack, clock: Clock) -> Callable[[], Browser]:
    made = oauth.build_routes(oauth.Credentials(CLIENT_ID, CLIENT_SECRET), installs, clock, slack.url)
    return lambda: Browser(*made)


@pytest.fixture
def browser(another: Callable[[], Browser]) -> Browser:
    return another()


def list_installations(database: Database) -> tuple[Installation, ...]:
    with database.read_only() as session:
        return installations.list_all(session)


def test_a_workspace_installs_the_bot(
    sqlite_database: Database, installs: InstallationRegistry, browser: Browser
) -> None:
    asked = browser.start()
    assert asked["client_id"] == [CLIENT_ID]
    assert {"commands", "chat:write", "users:read"} < set(asked["scope"][0].split(","))
    assert asked["user_scope"] == [""] if "user_scope" in asked else True
    assert "HttpOnly" in browser.shown[0].headers["set-cookie"]
    answer = browser.return_from_slack(code=GOOD)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    (found,) = list_installations(sqlite_database)
    assert (found.enterprise_id, found.workspace_id, found.bot_id) == ("", "T1", "B1")
    assert (found.bot_user_id, found.installed_by, found.scopes) == ("UBOT", "U1", ("commands", "chat:write"))
    assert "xoxb" not in found.token
    assert installs.find_token("T1") == "xoxb-good"


def test_an_organisation_installs_the_bot(
    sqlite_database: Database, installs: InstallationRegistry, browser: Browser
) -> None:
    browser.start()
    assert browser.return_from_slack(code="code-of-an-organisation").status_code == 200
    (found,) = list_installations(sqlite_database)
    assert (found.enterprise_id, found.workspace_id, found.name) == ("E1", "", "Org")
    installs.register_workspace("E1", "T7")
    assert installs.find_token("T7") == "xoxb-good"


def test_a_state_is_good_once(sqlite_database: Database, slack: FakeSlack, browser: Browser) -> None:
    browser.start()
    assert browser.return_from_slack(code="wrong").status_code == 401
    assert browser.return_from_slack(code=GOOD).status_code == 401
    assert (slack.codes, list_installations(sqlite_database)) == (["wrong"], ())


def test_a_state_ends_after_ten_minutes(
    sqlite_database: Database, slack: FakeSlack, browser: Browser, clock: Clock
) -> None:
    browser.start()
    clock.now += timedelta(minutes=10)
    assert browser.return_from_slack(code=GOOD).status_code == 401
    assert (slack.codes, list_installations(sqlite_database)) == ([], ())


def test_another_browsers_or_an_invented_or_a_missing_state_installs_nothing(
    sqlite_database: Database, slack: FakeSlack, another: Callable[[], Browser]
) -> None:
    mine, theirs, invented = another(), another(), another()
    mine.start()
    theirs.start()
    theirs.state = mine.state
    assert theirs.return_from_slack(code=GOOD).status_code == 400
    invented.state = "invented"
    invented.cookie = "slack-app-oauth-state=invented"
    assert invented.return_from_slack(code=GOOD).status_code == 401
    invented.state = ""
    assert invented.return_from_slack(code=GOOD).status_code == 400
    assert (slack.codes, list_installations(sqlite_database)) == ([], ())


@pytest.mark.parametrize(
    ("query", "status"), [({"error": "access_denied"}, 200), ({"error": "<script>x</script>"}, 200), ({}, 401)]
)
def test_who_declines_or_brings_no_code_gets_a_page(
    sqlite_database: Database, browser: Browser, query: dict[str, str], status: int
) -> None:
    browser.start()
    answer = browser.return_from_slack(**query)
    assert answer.status_code == status
    assert b"<script>" not in bytes(answer.body)
    assert list_installations(sqlite_database) == ()


def test_a_database_or_key_that_fails_is_a_page_without_its_reason(
    sqlite_database: Database, slack: FakeSlack, clock: Clock
) -> None:
    keyless = InstallationRegistry(sqlite_database, TokenVault([]), lambda: 0.0)
    person = Browser(*oauth.build_routes(oauth.Credentials(CLIENT_ID, CLIENT_SECRET), keyless, clock, slack.url))
    person.start()
    answer = person.return_from_slack(code=GOOD)
    assert answer.status_code == 500
    assert b"DLVM_KEYS" not in bytes(answer.body)
    assert list_installations(sqlite_database) == ()


def test_nothing_secret_is_logged_or_shown_whatever_happens(
    another: Callable[[], Browser], slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("slack_sdk", "slack_bolt"):
        logging.getLogger(name).setLevel(logging.INFO)
    person = another()
    for code in ("a-code-that-fails", GOOD):
        person.start()
        person.return_from_slack(code=code)
    slack.close()
    person.start()
    assert person.return_from_slack(code="a-code-for-nobody").status_code == 401
    told = caplog.text + "".join(bytes(answer.body).decode() for answer in person.shown[1::2])
    for secret in ("a-code-that-fails", GOOD, "a-code-for-nobody", "xoxb-good", CLIENT_SECRET, person.state):
        assert secret not in told
    assert "invalid_code" in told


def test_the_bot_starts_without_a_token_and_a_workspace_installs_it(tmp_path: Path, slack: FakeSlack) -> None:
    port, key = str(free_port()), generate_key()
    settings = {
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.url,
        "PORT": port,
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "DEBUG",
    }
    with Process(tmp_path, "run", DLVM_KEYS=key, **settings) as process:
        process.wait_for("Uvicorn running")
        url = f"http://127.0.0.1:{port}"
        before = post(f"{url}/slack/events", urlencode(COMMAND_FORM | {"text": "help"}).encode())
        assert "reinstall" in before[1].decode()
        with urllib.request.urlopen(f"{url}/slack/install", timeout=60) as page:
            cookie = page.headers["set-cookie"].partition(";")[0]
        back = f"{url}/slack/oauth_redirect?" + urlencode({"state": cookie.partition("=")[2], "code": GOOD})
        with urllib.request.urlopen(urllib.request.Request(back, headers={"cookie": cookie}), timeout=60) as page:
            assert page.status == 200
        status, body = post(f"{url}/slack/events", urlencode(COMMAND_FORM).encode())
        assert (status, "Subscribed this channel" in json.loads(body)["text"]) == (200, True)
        with pytest.raises(urllib.error.HTTPError, match="401") as again:
            urllib.request.urlopen(urllib.request.Request(back, headers={"cookie": cookie}), timeout=60)
        again.value.close()
        assert get(f"{url}/healthz")[0] == 200
        code, said = process.terminate()
        assert code == 0
        for secret in (GOOD, "xoxb-good", CLIENT_SECRET, SECRET, key, cookie.partition("=")[2]):
            assert secret not in said
    with Process(tmp_path, "run", DLVM_KEYS=generate_key(), **settings) as other:
        _, said = other.popen.communicate(timeout=60)
    assert (other.popen.returncode, "add the key they were stored with" in said) == (2, True), said
