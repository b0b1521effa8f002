"""Install, subscribe and tick with exactly the manifest's scopes, against the npm package emulate.

emulate listens on all interfaces, so this runs only if the package is installed or DLVM_REQUIRE_EMULATE is set.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.service.workspaces.installations import TokenVault, generate_key
from bot.slack import manifest
from storage import installations
from storage.database import Database
from tests.processes.fake_slack import CLIENT_ID, CLIENT_SECRET, COMMAND_FORM, ROOT, SECRET, Process, free_port, post

PACKAGE = Path(os.environ.get("DLVM_EMULATE", ROOT / ".venv" / "emulate")) / "node_modules" / ".bin" / "emulate"
CALLBACK = "http://localhost:3000/slack/oauth_redirect"
START_SECONDS = 60


class Emulate:
    """An emulate process with one workspace and the app."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        seed = folder / "seed.json"
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "name": "dlvm", "redirect_uris": [CALLBACK]}
        slack = {
            "strict_scopes": True,
            "team": {"name": "Acme", "domain": "acme"},
            "users": [{"name": "ada", "real_name": "Ada", "email": "ada@example.com"}],
            "channels": [{"name": "ml-platform", "topic": "models"}],
            "oauth_apps": [app | {"scopes": [*manifest.REQUIRED_SCOPES, *manifest.OPTIONAL_SCOPES]}],
        }
        seed.write_text(json.dumps({"slack": slack}))
        self._popen = subprocess.Popen(
            [str(PACKAGE), "--service", "slack", "--port", str(self.port), "--seed", str(seed)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def close(self) -> None:
        self._popen.terminate()
        self._popen.wait(10)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}api/api.test", b"", timeout=1).close()
            except urllib.error.HTTPError as error:
                error.close()
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("emulate did not start")


@pytest.fixture
def emulate(tmp_path: Path) -> Iterator[Emulate]:
    if not (shutil.which("node") and PACKAGE.exists()):
        if os.environ.get("DLVM_REQUIRE_EMULATE"):
            pytest.fail(f"DLVM_REQUIRE_EMULATE is set, but {PACKAGE} or node is missing")
        pytest.skip("needs node and: npm install --prefix .venv/emulate emulate@0.11.2")
    process = Emulate(tmp_path)
    yield process
    process.close()


class _IgnoreRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _install(emulate: Emulate, bot_url: str, scopes: tuple[str, ...]) -> int:
    """Install as a browser does: dlvm's page, emulate's page with a user selected, and the redirect back."""
    with urllib.request.urlopen(f"{bot_url}/slack/install", timeout=60) as page:
        cookie = page.headers["set-cookie"].partition(";")[0]
        link = page.read().decode().partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert link.startswith(f"{emulate.url}oauth/v2/authorize?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert set(query["scope"].split(",")) == {*manifest.REQUIRED_SCOPES, *manifest.OPTIONAL_SCOPES}
    with urllib.request.urlopen(link, timeout=60) as page:
        user_id = page.read().decode().partition('name="user_id" value="')[2].partition('"')[0]
    consent = {"user_id": user_id, "redirect_uri": CALLBACK, "scope": ",".join(scopes), "client_id": CLIENT_ID}
    form = urlencode(consent | {"state": query["state"]}).encode()
    with pytest.raises(urllib.error.HTTPError) as redirect:
        urllib.request.build_opener(_IgnoreRedirects).open(
            f"{emulate.url}oauth/v2/authorize/callback", form, timeout=60
        )
    redirect.value.close()
    redirect_query = urlsplit(redirect.value.headers["location"]).query
    request = urllib.request.Request(f"{bot_url}/slack/oauth_redirect?{redirect_query}", headers={"cookie": cookie})
    with urllib.request.urlopen(request, timeout=60) as page:
        return int(page.status)


@pytest.mark.parametrize("declined", [(), tuple(manifest.OPTIONAL_SCOPES)], ids=["all granted", "optional declined"])
def test_the_scopes_of_the_manifest_suffice(tmp_path: Path, emulate: Emulate, declined: tuple[str, ...]) -> None:
    port, key = str(free_port()), generate_key()
    settings = {
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{emulate.url}api/",
        "DLVM_KEYS": key,
    }
    with Process(tmp_path, "run", "--only", "web", PORT=port, HOST="127.0.0.1", **settings) as web:
        web.wait_for("Uvicorn running")
        scopes = tuple(s for s in (*manifest.REQUIRED_SCOPES, *manifest.OPTIONAL_SCOPES) if s not in declined)
        assert _install(emulate, f"http://127.0.0.1:{port}", scopes) == 200
        database = Database(f"sqlite:///{tmp_path}/var/dlvm.db")
        with database.read_only() as session:
            (installation,) = installations.list_all(session)
        database.close()
        assert set(installation.scopes) == set(scopes)
        client = WebClient(TokenVault([key]).decrypt(installation.token), base_url=f"{emulate.url}api/")
        with pytest.raises(SlackApiError, match="missing_scope"):
            client.reactions_add(channel="C1", timestamp="1.0", name="eyes")  # the scopes are strict
        channels: list[dict[str, Any]] = client.conversations_list(types="public_channel").get("channels", [])
        (channel,) = [listed["id"] for listed in channels if listed["name"] == "ml-platform"]
        identity = {"team_id": installation.workspace_id, "user_id": installation.installed_by}
        form = COMMAND_FORM | identity | {"channel_id": channel, "text": "subscribe pytorch-2.7"}
        status, body = post(f"http://127.0.0.1:{port}/slack/events", urlencode(form).encode())
        assert (status, "Subscribed this channel" in json.loads(body)["text"]) == (200, True)
        assert "could not be checked" not in body.decode()
        ticking = Process(tmp_path, "tick", "--at", "2027-01-13T09:00:00Z", "--json", **settings)
        out, err = ticking.popen.communicate(timeout=60)
        assert json.loads(out)["sent"] == 1, err
        code, output = web.terminate()
        assert (code, "missing_scope" in output + err) == (0, False)
    if not declined:
        messages: list[dict[str, Any]] = client.conversations_history(channel=channel).get("messages", [])
        assert ["PyTorch 2.7" in message["text"] for message in messages] == [True]
