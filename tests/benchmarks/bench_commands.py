"""Commands in process: the signed request to the answer, through Bolt's own dispatcher on both sides."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from pydantic import SecretStr
from slack_bolt import App, BoltRequest, BoltResponse

from bot.bootstrap import listeners
from bot.bootstrap.application import build
from bot.commands.dispatcher import UNCHECKED
from bot.settings import Settings
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.identity import Identity
from storage import catalogue, channels, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, PrintedDate, Schedule, Subscription
from tests.benchmarks import unlimited
from tests.benchmarks.bare import CONSTANT_ANSWER, build_bare_app
from tests.benchmarks.measure import Series, measure_alternately, p99, time_calls
from tests.benchmarks.results import Row, Target, Unit, compare
from tests.benchmarks.rig import Rig
from tests.service.driver import utc
from tests.signed_requests import sign
from tests.storage.factories import make_family, make_reading

SECRET = "a-signing-secret"
NOW = utc("2026-11-23 12:00")
BARE = "bare Bolt app, a constant"
ENTRIES = 200


def measure_status(rig: Rig) -> list[Row]:
    """`/dlvm status` among many subscriptions."""
    many = rig.size.subscriptions[-1]
    what = f"`/dlvm status pytorch-2.7`, in process, {many:,} subscriptions on SQLite"
    with run_app(rig.create_filled_database(many)) as app:
        sides = _compare(rig, what, app, "status pytorch-2.7", "PyTorch 2.7 is deprecated")
        serial = measure_alternately(
            rig.track_rounds("the same against Bolt's default"), *_build_serial_sides(rig, app)
        )
    return [
        compare("status", f"{what}: median", BARE, sides, Target(3)),
        compare("status-p99", f"{what}: p99", BARE, sides, Target(5), statistic=p99),
        compare(
            "default",
            "the same, one after the other",
            "Bolt’s default app, a constant",
            serial,
            Target(20, at_least=True),
            unit=Unit.PER_SECOND,
            n=f"{sides[0].count:,} and {serial[1].count * _count_slow_calls(rig):,} calls",
        ),
    ]


def measure_subscriptions(rig: Rig) -> list[Row]:
    """`/dlvm subscriptions` of a channel with many."""
    url = rig.create_database("subscriptions")
    database = Database(url)
    subscribe_to_many(database, ENTRIES)
    database.close()
    what = f"`/dlvm subscriptions` of a channel with {ENTRIES} entries, in process"
    with run_app(url) as app:
        sides = _compare(rig, what, app, "subscriptions", f"This channel’s subscriptions ({ENTRIES}), page 1")
    return [compare("subscriptions", what, BARE, sides, Target(15))]


def measure_help(rig: Rig) -> list[Row]:
    """`/dlvm help`."""
    what = "`/dlvm help`, in process"
    with run_app(rig.create_database("help")) as app:
        sides = _compare(rig, what, app, "help", "dlvm commands")
    return [compare("help", what, BARE, sides, Target(2))]


@contextmanager
def run_app(url: str) -> Iterator[App]:
    """The app as it runs, but that Slack is not asked about channels: that would measure Slack."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg] # of pydantic-settings, whose type does not show it
        slack_bot_token=SecretStr("xoxb-good"),
        slack_signing_secret=SecretStr(SECRET),
        slack_api_url="http://127.0.0.1:1/api/",
        database_url=url,
    )
    with (
        mock.patch.object(ConversationsClient, "look", lambda *_: UNCHECKED),  # noqa: PT008 - a mock takes longer than what it stands for
        mock.patch.object(listeners, "Limits", unlimited.build_limits),
    ):
        house = build(settings, Database(url), lambda: NOW, Identity("T1", "Acme", "B1", "UBOT", ()))
        yield house.bolt_app
        house.close()


def build_command_body(text: str, number: int) -> bytes:
    """The body of a command, each one another."""
    form = {"command": "/dlvm", "text": text, "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    return urlencode(form | {"response_url": "https://hooks/1", "trigger_id": f"{number}.trigger"}).encode()


def subscribe_to_many(database: Database, many: int) -> None:
    """A channel that watches so many versions, all with dates ahead of them, each on other days."""
    rows = [_build_version(number) for number in range(many)]
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


def _compare(rig: Rig, what: str, app: App, text: str, words: str) -> tuple[Series, Series]:
    floor = build_bare_app(SECRET)
    sides = _build_side(app, rig.size.calls, text, words), _build_side(floor, rig.size.calls, text, CONSTANT_ANSWER)
    for warm in (
        _build_side(app, rig.size.warmup_calls, text, words),
        _build_side(floor, rig.size.warmup_calls, text, CONSTANT_ANSWER),
    ):
        warm()
    return measure_alternately(rig.track_rounds(what), *sides)


def _build_side(app: App, calls: int, text: str, words: str) -> Callable[[], tuple[float, ...]]:
    """One round through the app; every answer is the first one, which has the words."""
    first: list[str] = []
    numbers = iter(range(10**9))

    def make() -> tuple[str, Any]:
        body = build_command_body(text, next(numbers))
        return body.decode(), sign(body, SECRET)

    def act(made: tuple[str, Any]) -> BoltResponse:
        return app.dispatch(BoltRequest(body=made[0], headers=made[1]))

    def check(answer: BoltResponse) -> None:
        first[:] = first or [answer.body]
        if answer.status != 200 or answer.body != first[0] or words not in _get_text(answer.body):
            raise AssertionError(f"a wrong answer to {text!r}: {answer.status} {answer.body[:500]}")

    return lambda: time_calls(calls, make, act, check)


def _build_serial_sides(rig: Rig, app: App) -> tuple[Callable[[], tuple[float, ...]], Callable[[], tuple[float, ...]]]:
    """Requests per second, one after the other; the slow side gets a few."""
    fast = _build_side(app, rig.size.calls, "status pytorch-2.7", "PyTorch 2.7 is deprecated")
    slow = _build_side(
        build_bare_app(SECRET, at_once=False), _count_slow_calls(rig), "status pytorch-2.7", CONSTANT_ANSWER
    )
    return lambda: (_compute_rate(fast()),), lambda: (_compute_rate(slow()),)


def _count_slow_calls(rig: Rig) -> int:
    return max(rig.size.calls // 10, 1)


def _compute_rate(seconds: tuple[float, ...]) -> float:
    return len(seconds) / sum(seconds)


def _get_text(body: str) -> str:
    return str(json.loads(body)["text"]) if body.startswith("{") else body
