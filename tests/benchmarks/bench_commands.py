"""Commands in process, from the signed request to the response of Bolt's dispatcher, on both sides."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from pydantic import SecretStr
from slack_bolt import App, BoltRequest, BoltResponse

from bot.answers import UNCHECKED
from bot.bootstrap import listeners
from bot.bootstrap.application import build
from bot.settings import Settings
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.identity import Identity
from storage import catalogue, channels, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, PrintedDate, Schedule, Subscription
from tests.benchmarks import unlimited_cli
from tests.benchmarks.bare_bolt import CONSTANT_ANSWER, build_bare_app
from tests.benchmarks.measurement import Series, measure_alternately, p99, time_calls
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig
from tests.service.driver import utc
from tests.signed_requests import sign
from tests.storage.factories import make_family, make_reading

SECRET = "a-signing-secret"
NOW = utc("2026-11-23 12:00")
BARE_BOLT = "bare Bolt app, a constant"
ENTRY_COUNT = 200


def measure_status(rig: Rig) -> list[Row]:
    """Measure `/dlvm status` with count subscriptions."""
    count = rig.size.subscriptions[-1]
    title = f"`/dlvm status pytorch-2.7`, in process, {count:,} subscriptions on SQLite"
    with run_app(rig.create_filled_database(count)) as app:
        sides = _compare(rig, title, app, "status pytorch-2.7", "PyTorch 2.7 is deprecated")
        serial = measure_alternately(
            rig.track_rounds("status against Bolt's default app"), *_build_serial_sides(rig, app)
        )
    return [
        compare("status", f"{title}: median", BARE_BOLT, sides, Target(3)),
        compare("status-p99", f"{title}: p99", BARE_BOLT, sides, Target(5), statistic=p99),
        compare(
            "default",
            "`/dlvm status pytorch-2.7`, sequential requests",
            "Bolt’s default app, a constant",
            serial,
            Target(20, at_least=True),
            unit=Unit.PER_SECOND,
            sample=f"{sides[0].count:,} and {serial[1].count * _count_slow_calls(rig):,} calls",
        ),
    ]


def measure_subscriptions(rig: Rig) -> list[Row]:
    """Measure `/dlvm subscriptions` in a channel with count."""
    url = rig.create_database("subscriptions")
    database = Database(url)
    subscribe_to_many(database, ENTRY_COUNT)
    database.close()
    title = f"`/dlvm subscriptions` of a channel with {ENTRY_COUNT} entries, in process"
    with run_app(url) as app:
        sides = _compare(rig, title, app, "subscriptions", f"This channel’s subscriptions ({ENTRY_COUNT}), page 1")
    return [compare("subscriptions", title, BARE_BOLT, sides, Target(15))]


def measure_help(rig: Rig) -> list[Row]:
    """Measure `/dlvm help`."""
    title = "`/dlvm help`, in process"
    with run_app(rig.create_database("help")) as app:
        sides = _compare(rig, title, app, "help", "dlvm commands")
    return [compare("help", title, BARE_BOLT, sides, Target(2))]


@contextmanager
def run_app(url: str) -> Iterator[App]:
    """Build the app with all its parts but Slack's answers about channels, which would measure Slack."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg] # an argument of pydantic-settings
        slack_bot_token=SecretStr("xoxb-good"),
        slack_signing_secret=SecretStr(SECRET),
        slack_api_url="http://127.0.0.1:1/api/",
        database_url=url,
    )
    with (
        mock.patch.object(ConversationsClient, "look_up", lambda *_: UNCHECKED),  # noqa: PT008 - a Mock is slow
        mock.patch.object(listeners, "RateLimiter", unlimited_cli.build_rate_limiter),
    ):
        application = build(settings, Database(url), lambda: NOW, Identity("T1", "Acme", "B1", "UBOT", ()))
        yield application.bolt_app
        application.close()


def build_command_body(text: str, number: int) -> bytes:
    """Build the body of a command. The number makes it unique."""
    form = {"command": "/dlvm", "text": text, "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    return urlencode(form | {"response_url": "https://hooks/1", "trigger_id": f"{number}.trigger"}).encode()


def subscribe_to_many(database: Database, count: int) -> None:
    """Subscribe a channel to versions with different future dates."""
    rows = [_build_version(number) for number in range(count)]
    with database.transaction() as session:
        catalogue.save(session, rows, make_reading(len(rows)))
        channels.save(session, Channel("T1", "C1", Schedule()), utc("2026-10-01 09:00"))
        for row in rows:
            subscriptions.add(session, Subscription("T1", "C1", DLVM, row.version, "U1", utc("2026-10-01 09:00")))


def _build_version(number: int) -> Any:
    patch = date(2026, 12, 1) + timedelta(days=number)
    availability = patch + timedelta(days=365)
    return make_family(
        f"pytorch-{number // 100 + 5}-{number % 100}-made-up",
        number=f"{number // 100 + 5}.{number % 100}",
        end_of_patch_and_support=PrintedDate(str(patch), patch),
        end_of_availability=PrintedDate(str(availability), availability),
    )


def _compare(rig: Rig, title: str, app: App, text: str, words: str) -> tuple[Series, Series]:
    floor = build_bare_app(SECRET)
    sides = _build_side(app, rig.size.calls, text, words), _build_side(floor, rig.size.calls, text, CONSTANT_ANSWER)
    for warm in (
        _build_side(app, rig.size.warmup_calls, text, words),
        _build_side(floor, rig.size.warmup_calls, text, CONSTANT_ANSWER),
    ):
        warm()
    return measure_alternately(rig.track_rounds(title), *sides)


def _build_side(app: App, calls: int, text: str, words: str) -> Callable[[], tuple[float, ...]]:
    """Build a round of calls. Every answer must contain the words and equal the first one."""
    first: list[str] = []
    numbers = iter(range(10**9))

    def build_request() -> tuple[str, Any]:
        body = build_command_body(text, next(numbers))
        return body.decode(), sign(body, SECRET)

    def dispatch(request: tuple[str, Any]) -> BoltResponse:
        return app.dispatch(BoltRequest(body=request[0], headers=request[1]))

    def check(response: BoltResponse) -> None:
        first[:] = first or [response.body]
        if response.status != 200 or response.body != first[0] or words not in _get_text(response.body):
            raise AssertionError(f"wrong answer to {text!r}: {response.status} {response.body[:500]}")

    return lambda: time_calls(calls, build_request, dispatch, check)


def _build_serial_sides(rig: Rig, app: App) -> tuple[Callable[[], tuple[float, ...]], Callable[[], tuple[float, ...]]]:
    """Build sides that return requests per second. The slow side runs fewer calls."""
    fast = _build_side(app, rig.size.calls, "status pytorch-2.7", "PyTorch 2.7 is deprecated")
    slow = _build_side(
        build_bare_app(SECRET, process_before_response=False),
        _count_slow_calls(rig),
        "status pytorch-2.7",
        CONSTANT_ANSWER,
    )
    return lambda: (_compute_rate(fast()),), lambda: (_compute_rate(slow()),)


def _count_slow_calls(rig: Rig) -> int:
    return max(rig.size.calls // 10, 1)


def _compute_rate(seconds: tuple[float, ...]) -> float:
    return len(seconds) / sum(seconds)


def _get_text(body: str) -> str:
    return str(json.loads(body)["text"]) if body.startswith("{") else body
