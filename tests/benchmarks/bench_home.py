"""Home with many channels, from the signed event to the published view and the acknowledgement."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

from slack_bolt import App, BoltRequest, BoltResponse

from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.views import ViewsClient
from storage import channels, subscriptions
from storage.database import Database
from storage.facts import ALL, DLVM, Channel, Schedule, Subscription
from tests.benchmarks.bare_bolt import build_bare_app
from tests.benchmarks.bench_commands import NOW, SECRET, run_app
from tests.benchmarks.measurement import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig
from tests.signed_requests import sign

CHANNEL_COUNT = 50
TARGETS = ("pytorch", "tensorflow-2.17", "pytorch-2.7", ALL)
"""Each channel subscribes to two of them."""


def measure_home(rig: Rig) -> list[Row]:
    """Measure Home without Slack's part: memberships are known, and the view isn't sent."""
    url = rig.create_database("home")
    members = _fill_database(url)
    published: list[str] = []
    title = f"Home with {CHANNEL_COUNT} channels, in process"
    with (
        mock.patch.object(ConversationsClient, "list_memberships", lambda *_: members),  # noqa: PT008 - a Mock is slow
        mock.patch.object(ViewsClient, "publish", lambda *arguments: published.append(json.dumps(arguments[-1]))),
        run_app(url) as app,
    ):
        floor = build_bare_app(SECRET)
        for side in _build_sides(app, floor, rig.size.warmup_calls, published):
            side()
        sides = measure_alternately(rig.track_rounds(title), *_build_sides(app, floor, rig.size.calls, published))
    return [compare("home", title, "bare Bolt app that acknowledges the event", sides, Target(30))]


def _fill_database(url: str) -> Mapping[str, str]:
    database = Database(url)
    members = {f"C{number:02}": f"channel-{number}" for number in range(CHANNEL_COUNT)}
    with database.transaction() as session:
        for number, (channel_id, name) in enumerate(members.items()):
            channels.save(session, Channel("T1", channel_id, Schedule(), name=name), NOW)
            for target in (TARGETS[number % 4], TARGETS[(number + 1) % 4]):
                subscriptions.add(session, Subscription("T1", channel_id, DLVM, target, "U1", NOW))
    database.close()
    return members


def _build_sides(app: App, floor: App, calls: int, published: list[str]) -> tuple[Side, Side]:
    return _build_side(app, calls, lambda: _check(published)), _build_side(floor, calls, lambda: None)


def _check(published: list[str]) -> None:
    """Check that one view was published, with a version and the last channel."""
    (view,) = published
    published.clear()
    if "PyTorch 2.7" not in view or "C49" not in view:
        raise AssertionError(f"wrong Home: {view[:500]}")


def _build_side(app: App, calls: int, check_view: Callable[[], None]) -> Side:
    numbers = iter(range(10**9))

    def build_request() -> tuple[str, Any]:
        event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.0"}
        payload = {"type": "event_callback", "team_id": "T1", "event_id": f"Ev{next(numbers)}", "event": event}
        body = json.dumps(payload)
        return body, sign(body.encode(), SECRET, "application/json")

    def dispatch(request: tuple[str, Any]) -> BoltResponse:
        return app.dispatch(BoltRequest(body=request[0], headers=request[1]))

    def check(response: BoltResponse) -> None:
        if response.status != 200:
            raise AssertionError(f"wrong answer: {response.status} {response.body[:500]}")
        check_view()

    return lambda: time_calls(calls, build_request, dispatch, check)
