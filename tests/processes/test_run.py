"""`dlvm run` as a child process, in Socket Mode and over HTTP, with a fake Slack."""

import json
from pathlib import Path
from urllib.parse import urlencode

from tests.processes.fake_slack import (
    COMMAND_FORM,
    SECRET,
    FakeSlack,
    Process,
    free_port,
    get,
    get_text,
    post,
    post_headers_only,
)


def test_socket_mode_answers_and_stops(tmp_path: Path, slack: FakeSlack) -> None:
    process = Process(tmp_path, "run", SLACK_BOT_TOKEN="xoxb-good", SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=slack.url)
    process.wait_for("over Socket Mode")
    slack.to_bot.put(
        {"type": "slash_commands", "envelope_id": "E1", "payload": COMMAND_FORM, "accepts_response_payload": True}
    )
    answer = slack.from_bot.get(timeout=60)
    assert answer["envelope_id"] == "E1"
    assert "Subscribed this channel" in answer["payload"]["text"]
    assert "Type `/invite @dlvm` in the channel" in answer["payload"]["text"]
    code, output = process.terminate()
    assert code == 0
    assert "xapp-" not in output
    assert (tmp_path / "var" / "dlvm.db").exists()


def test_http_serves_slack_health_and_the_api(tmp_path: Path, slack: FakeSlack) -> None:
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
    status, body = post(f"{url}/slack/events", urlencode(COMMAND_FORM).encode())
    assert status == 200
    assert "Subscribed this channel" in json.loads(body)["text"]
    assert post(f"{url}/slack/events", urlencode(COMMAND_FORM).encode(), secret="wrong")[0] == 401
    assert post_headers_only(port, length=1024 * 1024 + 1) == 413
    assert post(f"{url}/slack/events", b'payload={"type":"view_submission"}')[0] in {200, 400}
    status, health = get(f"{url}/healthz")
    assert (status, health["ok"]) == (200, True)
    assert set(health["checks"]) == {"ticks", "database", "catalogue"}
    assert get(f"{url}/api/v1/products/dlvm/releases/pytorch-2.7")[1]["result"]["eolFrom"] == "2026-04-13"
    assert b"dlvm_last_tick_age_seconds " in get_text(f"{url}/metrics")
    code, output = process.terminate()
    assert code == 0
    assert "Traceback" not in output


def test_web_and_worker_share_the_work(tmp_path: Path, slack: FakeSlack) -> None:
    settings = {"SLACK_BOT_TOKEN": "xoxb-good", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack.url}
    port = str(free_port())
    web = Process(tmp_path, "run", "--only", "web", PORT=port, HOST="127.0.0.1", **settings)
    web.wait_for("Uvicorn running")
    worker = Process(tmp_path, "run", "--only", "worker", **settings)
    worker.wait_for("as a worker")
    assert post(f"http://127.0.0.1:{port}/slack/events", urlencode(COMMAND_FORM).encode())[0] == 200
    assert get(f"http://127.0.0.1:{port}/healthz")[1]["checks"]["database"]["ok"]
    assert (worker.terminate()[0], web.terminate()[0]) == (0, 0)


def test_a_rejected_token_stops_the_start(tmp_path: Path, slack: FakeSlack) -> None:
    process = Process(tmp_path, "run", SLACK_BOT_TOKEN="xoxb-bad", SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=slack.url)
    _, err = process.popen.communicate(timeout=60)
    assert (process.popen.returncode, "Slack rejects SLACK_BOT_TOKEN (invalid_auth)" in err) == (2, True), err


def test_an_unreachable_slack_is_reported(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/api/"
    process = Process(tmp_path, "run", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=url)
    _, err = process.popen.communicate(timeout=60)
    assert process.popen.returncode == 1
    assert "could not be reached" in err


def test_doctor_checks_the_token_and_its_scopes(tmp_path: Path, slack: FakeSlack) -> None:
    environment = {"SLACK_BOT_TOKEN": "xoxb-good", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": slack.url}
    Process(tmp_path, "migrate", **environment).popen.communicate(timeout=60)
    process = Process(tmp_path, "doctor", **environment)
    out, _ = process.popen.communicate(timeout=60)
    assert process.popen.returncode == 0
    assert "connected to Acme (T1) over Socket Mode" in out
    assert "not granted: app_mentions:read" in out
    assert "chat:write.public" in out


def test_a_manual_tick_posts_to_another_api_url(tmp_path: Path, slack: FakeSlack) -> None:
    environment = {"SLACK_BOT_TOKEN": "xoxb-good", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": slack.url}
    subscribing = Process(
        tmp_path, "ask", "subscribe pytorch-2.7", "--on", "2026-12-01", "--workspace", "T1", "--channel", "C1"
    )
    subscribing.popen.communicate(timeout=60)
    process = Process(tmp_path, "tick", "--at", "2027-01-13T09:00:00Z", "--json", **environment)
    out, err = process.popen.communicate(timeout=60)
    assert process.popen.returncode == 0, err
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
