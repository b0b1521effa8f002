"""Home of a person with many channels: from the signed event to the drawn and encoded view, and the acknowledgement."""

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
from tests.benchmarks.bare import build_bare_app
from tests.benchmarks.bench_commands import NOW, SECRET, run_app
from tests.benchmarks.measure import Side, measure_alternately, time_calls
from tests.benchmarks.results import Row, Target, compare
from tests.benchmarks.rig import Rig
from tests.signed_requests import sign

CHANNEL_COUNT = 50
TARGETS = ("pytorch", "tensorflow-2.17", "pytorch-2.7", ALL)
"""A channel watches two of them."""


def measure_home(rig: Rig) -> list[Row]:
    """What Slack would be asked and told is left out on both sides."""
    url = rig.create_database("home")
    members = _fill_database(url)
    shown: list[str] = []
    what = f"Home of a person with {CHANNEL_COUNT} channels, in process"
    with (
        mock.patch.object(ConversationsClient, "channels_of", lambda *_: members),  # noqa: PT008 - a mock takes longer
        mock.patch.object(ViewsClient, "publish", lambda *given: shown.append(json.dumps(given[-1]))),
        run_app(url) as app,
    ):
        sides = (
            _build_side(app, rig.size.calls, lambda: _check(shown)),
            _build_side(build_bare_app(SECRET), rig.size.calls, lambda: None),
        )
        for warm in (
            _build_side(app, rig.size.warmup_calls, lambda: _check(shown)),
            _build_side(build_bare_app(SECRET), rig.size.warmup_calls, lambda: None),
        ):
            warm()
        found = measure_alternately(rig.track_rounds(what), *sides)
    return [compare("home", what, "bare Bolt app that acknowledges the event", found, Target(30))]


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


def _check(shown: list[str]) -> None:
    """Each view is what the first one was, and shows the channels."""
    (view,) = shown
    shown.clear()
    if "PyTorch 2.7" not in view or "C49" not in view:
        raise AssertionError(f"not the Home that is wanted: {view[:500]}")


def _build_side(app: App, calls: int, check_view: Callable[[], None]) -> Side:
    numbers = iter(range(10**9))

    def make() -> tuple[str, Any]:
        event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.0"}
        told = {"type": "event_callback", "team_id": "T1", "event_id": f"Ev{next(numbers)}", "event": event}
        body = json.dumps(told)
        return body, sign(body.encode(), SECRET, "application/json")

    def act(made: tuple[str, Any]) -> BoltResponse:
        return app.dispatch(BoltRequest(body=made[0], headers=made[1]))

    def check(answer: BoltResponse) -> None:
        if answer.status != 200:
            raise AssertionError(f"a wrong answer: {answer.status} {answer.body[:500]}")
        check_view()

    return lambda: time_calls(calls, make, act, check)
