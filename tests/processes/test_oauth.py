"""Installing by OAuth with a fake Slack: the state, the token, and secrets that must not leak."""

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
from tests.processes.fake_slack import (
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
    """The browser of a person who installs the bot, with its cookie."""

    install_route: Route
    redirect_route: Route
    cookie: str = ""
    state: str = ""
    responses: list[Response] = field(default_factory=list)

    def start(self) -> dict[str, list[str]]:
        response = self._visit(self.install_route, "")
        self.cookie = response.headers["set-cookie"].partition(";")[0]
        page = bytes(response.body).decode()
        authorize_url = page.partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
        query = parse_qs(urlsplit(authorize_url).query)
        self.state = query["state"][0]
        return query

    def return_from_slack(self, **query: str) -> Response:
        return self._visit(self.redirect_route, urlencode({"state": self.state} | query))

    def _visit(self, route: Route, query: str) -> Response:
        headers = [(b"cookie", self.cookie.encode())]
        scope = {"type": "http", "method": "GET", "path": route.path, "query_string": query.encode()}
        response = route.endpoint(Request(scope | {"headers": headers}))
        assert isinstance(response, Response)
        self.responses.append(response)
        return response


@dataclass
class FakeClock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def registry(sqlite_database: Database) -> InstallationRegistry:
    return InstallationRegistry(sqlite_database, TokenVault([generate_key()]), lambda: 0.0)


@pytest.fixture
def open_browser(registry: InstallationRegistry, slack: FakeSlack, clock: FakeClock) -> Callable[[], Browser]:
    routes = oauth.build_routes(oauth.Credentials(CLIENT_ID, CLIENT_SECRET), registry, clock, slack.url)
    return lambda: Browser(*routes)


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


def list_installations(database: Database) -> tuple[Installation, ...]:
    with database.read_only() as session:
        return installations.list_all(session)


def test_a_workspace_installs_the_bot(
    sqlite_database: Database, registry: InstallationRegistry, browser: Browser
) -> None:
    query = browser.start()
    assert query["client_id"] == [CLIENT_ID]
    assert {"commands", "chat:write", "users:read"} < set(query["scope"][0].split(","))
    assert query.get("user_scope", [""]) == [""]
    assert "HttpOnly" in browser.responses[0].headers["set-cookie"]
    response = browser.return_from_slack(code=GOOD)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    (installation,) = list_installations(sqlite_database)
    assert (installation.enterprise_id, installation.workspace_id, installation.bot_id) == ("", "T1", "B1")
    assert (installation.bot_user_id, installation.installed_by, installation.scopes) == (
        "UBOT",
        "U1",
        ("commands", "chat:write"),
    )
    assert "xoxb" not in installation.token
    assert registry.find_token("T1") == "xoxb-good"


def test_an_organisation_installs_the_bot(
    sqlite_database: Database, registry: InstallationRegistry, browser: Browser
) -> None:
    browser.start()
    assert browser.return_from_slack(code="code-of-an-organisation").status_code == 200
    (installation,) = list_installations(sqlite_database)
    assert (installation.enterprise_id, installation.workspace_id, installation.name) == ("E1", "", "Org")
    registry.register_workspace("E1", "T7")
    assert registry.find_token("T7") == "xoxb-good"


def test_a_state_can_be_used_once(sqlite_database: Database, slack: FakeSlack, browser: Browser) -> None:
    browser.start()
    assert browser.return_from_slack(code="wrong").status_code == 401
    assert browser.return_from_slack(code=GOOD).status_code == 401
    assert (slack.codes, list_installations(sqlite_database)) == (["wrong"], ())


def test_a_state_expires_after_ten_minutes(
    sqlite_database: Database, slack: FakeSlack, browser: Browser, clock: FakeClock
) -> None:
    browser.start()
    clock.now += timedelta(minutes=10)
    assert browser.return_from_slack(code=GOOD).status_code == 401
    assert (slack.codes, list_installations(sqlite_database)) == ([], ())


def test_a_foreign_or_unknown_state_installs_nothing(
    sqlite_database: Database, slack: FakeSlack, open_browser: Callable[[], Browser]
) -> None:
    mine, theirs, invented = open_browser(), open_browser(), open_browser()
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
def test_declining_or_a_missing_code_shows_a_page(
    sqlite_database: Database, browser: Browser, query: dict[str, str], status: int
) -> None:
    browser.start()
    response = browser.return_from_slack(**query)
    assert response.status_code == status
    assert b"<script>" not in bytes(response.body)
    assert list_installations(sqlite_database) == ()


def test_a_server_error_shows_a_page_without_its_reason(
    sqlite_database: Database, slack: FakeSlack, clock: FakeClock
) -> None:
    keyless = InstallationRegistry(sqlite_database, TokenVault([]), lambda: 0.0)
    browser = Browser(*oauth.build_routes(oauth.Credentials(CLIENT_ID, CLIENT_SECRET), keyless, clock, slack.url))
    browser.start()
    response = browser.return_from_slack(code=GOOD)
    assert response.status_code == 500
    assert b"DLVM_KEYS" not in bytes(response.body)
    assert list_installations(sqlite_database) == ()


def test_secrets_are_neither_logged_nor_shown(
    open_browser: Callable[[], Browser], slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("slack_sdk", "slack_bolt"):
        logging.getLogger(name).setLevel(logging.INFO)
    browser = open_browser()
    for code in ("a-code-that-fails", GOOD):
        browser.start()
        browser.return_from_slack(code=code)
    slack.close()
    browser.start()
    assert browser.return_from_slack(code="a-code-for-nobody").status_code == 401
    output = caplog.text + "".join(bytes(response.body).decode() for response in browser.responses[1::2])
    for secret in ("a-code-that-fails", GOOD, "a-code-for-nobody", "xoxb-good", CLIENT_SECRET, browser.state):
        assert secret not in output
    assert "invalid_code" in output


def test_a_workspace_installs_a_bot_that_has_no_token(tmp_path: Path, slack: FakeSlack) -> None:
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
        _, answer = post(f"{url}/slack/events", urlencode(COMMAND_FORM | {"text": "help"}).encode())
        assert "reinstall" in answer.decode()
        with urllib.request.urlopen(f"{url}/slack/install", timeout=60) as page:
            cookie = page.headers["set-cookie"].partition(";")[0]
        redirect_url = f"{url}/slack/oauth_redirect?" + urlencode({"state": cookie.partition("=")[2], "code": GOOD})
        with urllib.request.urlopen(
            urllib.request.Request(redirect_url, headers={"cookie": cookie}), timeout=60
        ) as page:
            assert page.status == 200
        status, body = post(f"{url}/slack/events", urlencode(COMMAND_FORM).encode())
        assert (status, "Subscribed this channel" in json.loads(body)["text"]) == (200, True)
        with pytest.raises(urllib.error.HTTPError, match="401") as error:
            urllib.request.urlopen(urllib.request.Request(redirect_url, headers={"cookie": cookie}), timeout=60)
        error.value.close()
        assert get(f"{url}/healthz")[0] == 200
        code, output = process.terminate()
        assert code == 0
        for secret in (GOOD, "xoxb-good", CLIENT_SECRET, SECRET, key, cookie.partition("=")[2]):
            assert secret not in output
    with Process(tmp_path, "run", DLVM_KEYS=generate_key(), **settings) as other:
        _, err = other.popen.communicate(timeout=60)
    assert (other.popen.returncode, "add the key they were stored with" in err) == (2, True), err
