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
from bot.commands.dispatcher import UNSEEN
from bot.settings import Settings
from bot.slack.client.conversations import Reading
from bot.slack.client.identity import Identity
from storage import catalogue, channels, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, PrintedDate, Schedule, Subscription
from tests.benchmarks import unlimited
from tests.benchmarks.bare import CONSTANT, bare
from tests.benchmarks.measure import Series, in_turns, p99, timed
from tests.benchmarks.results import Row, Target, Unit, compared
from tests.benchmarks.rig import Rig
from tests.service.driver import at
from tests.signed_requests import signed
from tests.storage.factories import family, reading

SECRET = "a-signing-secret"
NOW = at("2026-11-23 12:00")
BARE = "bare Bolt app, a constant"
ENTRIES = 200


def status(rig: Rig) -> list[Row]:
    """`/dlvm status` among many subscriptions."""
    many = rig.size.subscriptions[-1]
    what = f"`/dlvm status pytorch-2.7`, in process, {many:,} subscriptions on SQLite"
    with ours(rig.filled(many)) as app:
        sides = _compared(rig, what, app, "status pytorch-2.7", "PyTorch 2.7 is deprecated")
        serial = in_turns(rig.turns("the same against Bolt's default"), *_serial(rig, app))
    return [
        compared("status", f"{what}: median", BARE, sides, Target(3)),
        compared("status-p99", f"{what}: p99", BARE, sides, Target(5), of=p99),
        compared(
            "default",
            "the same, one after the other",
            "Bolt’s default app, a constant",
            serial,
            Target(20, at_least=True),
            unit=Unit.PER_SECOND,
            n=f"{sides[0].n:,} and {serial[1].n * _few(rig):,} calls",
        ),
    ]


def subscriptions_(rig: Rig) -> list[Row]:
    """`/dlvm subscriptions` of a channel with many."""
    url = rig.empty("subscriptions")
    database = Database(url)
    watch_all(database, ENTRIES)
    database.close()
    what = f"`/dlvm subscriptions` of a channel with {ENTRIES} entries, in process"
    with ours(url) as app:
        sides = _compared(rig, what, app, "subscriptions", f"This channel’s subscriptions ({ENTRIES}), page 1")
    return [compared("subscriptions", what, BARE, sides, Target(15))]


def help_(rig: Rig) -> list[Row]:
    """`/dlvm help`."""
    what = "`/dlvm help`, in process"
    with ours(rig.empty("help")) as app:
        sides = _compared(rig, what, app, "help", "What dlvm answers")
    return [compared("help", what, BARE, sides, Target(2))]


@contextmanager
def ours(url: str) -> Iterator[App]:
    """The app as it runs, but that Slack is not asked about channels: that would measure Slack."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg] # of pydantic-settings, whose type does not show it
        slack_bot_token=SecretStr("xoxb-good"),
        slack_signing_secret=SecretStr(SECRET),
        slack_api_url="http://127.0.0.1:1/api/",
        database_url=url,
    )
    with (
        mock.patch.object(Reading, "look", lambda *_: UNSEEN),  # noqa: PT008 - a mock takes longer than what it stands for
        mock.patch.object(listeners, "Limits", unlimited.limits),
    ):
        house = build(settings, Database(url), lambda: NOW, Identity("T1", "Acme", "B1", "UBOT", ()))
        yield house.app
        house.close()


def asking(text: str, number: int) -> bytes:
    """The body of a command, each one another."""
    form = {"command": "/dlvm", "text": text, "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    return urlencode(form | {"response_url": "https://hooks/1", "trigger_id": f"{number}.trigger"}).encode()


def watch_all(database: Database, many: int) -> None:
    """A channel that watches so many versions, all with dates ahead of them, each on other days."""
    rows = [_version(number) for number in range(many)]
    with database.transaction() as session:
        catalogue.save(session, rows, reading(len(rows)))
        channels.save(session, Channel("T1", "C1", Schedule()), at("2026-10-01 09:00"))
        for row in rows:
            subscriptions.add(session, Subscription("T1", "C1", DLVM, row.version, "U1", at("2026-10-01 09:00")))


def _version(number: int) -> Any:
    patch = date(2026, 12, 1) + timedelta(days=number)
    availability = patch + timedelta(days=365)
    return family(
        f"pytorch-{number // 100 + 5}-{number % 100}-made-up",
        number=f"{number // 100 + 5}.{number % 100}",
        end_of_patch_and_support=PrintedDate(str(patch), patch),
        end_of_availability=PrintedDate(str(availability), availability),
    )


def _compared(rig: Rig, what: str, app: App, text: str, words: str) -> tuple[Series, Series]:
    floor = bare(SECRET)
    sides = _side(app, rig.size.calls, text, words), _side(floor, rig.size.calls, text, CONSTANT)
    for warm in (_side(app, rig.size.warm, text, words), _side(floor, rig.size.warm, text, CONSTANT)):
        warm()
    return in_turns(rig.turns(what), *sides)


def _side(app: App, calls: int, text: str, words: str) -> Callable[[], tuple[float, ...]]:
    """One round through the app; every answer is the first one, which has the words."""
    first: list[str] = []
    numbers = iter(range(10**9))

    def make() -> tuple[str, Any]:
        body = asking(text, next(numbers))
        return body.decode(), signed(body, SECRET)

    def act(made: tuple[str, Any]) -> BoltResponse:
        return app.dispatch(BoltRequest(body=made[0], headers=made[1]))

    def check(answer: BoltResponse) -> None:
        first[:] = first or [answer.body]
        if answer.status != 200 or answer.body != first[0] or words not in _text(answer.body):
            raise AssertionError(f"a wrong answer to {text!r}: {answer.status} {answer.body[:500]}")

    return lambda: timed(calls, make, act, check)


def _serial(rig: Rig, app: App) -> tuple[Callable[[], tuple[float, ...]], Callable[[], tuple[float, ...]]]:
    """Requests per second, one after the other; the slow side gets a few."""
    fast = _side(app, rig.size.calls, "status pytorch-2.7", "PyTorch 2.7 is deprecated")
    slow = _side(bare(SECRET, at_once=False), _few(rig), "status pytorch-2.7", CONSTANT)
    return lambda: (_rate(fast()),), lambda: (_rate(slow()),)


def _few(rig: Rig) -> int:
    return max(rig.size.calls // 10, 1)


def _rate(seconds: tuple[float, ...]) -> float:
    return len(seconds) / sum(seconds)


def _text(body: str) -> str:
    return str(json.loads(body)["text"]) if body.startswith("{") else body
