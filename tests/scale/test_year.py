"""A year in which several processes tick at the same times: every reminder is sent once."""

import os
from collections import Counter
from concurrent.futures import Future
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random

import pytest

from bot import answers
from bot.policy.post_outcomes import Accepted, AmbiguityPolicy, HistoryLookup, HistoryUnavailable, PostOutcome
from bot.service.delivery.loop import DeliveryLoop
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.place import Place
from bot.service.reminders.planning import Planner
from bot.service.subscriptions.preview import ReminderPreviews
from bot.service.versions.snapshot import SnapshotCache
from storage import channels, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, Schedule, Subscription
from tests import catalogue_fixture
from tests.forkserver import get_context
from tests.service.driver import SEED_READ_AT, FakeTimer, utc

pytestmark = pytest.mark.no_cover  # covered by other tests; measuring would double the time
SUBSCRIBED_AT = utc("2026-12-01 10:00")
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Asia/Kolkata", "Europe/Berlin")
"""They span 26 hours."""

PLACES = tuple((Place(f"T{number % 4}", f"C{number}"), ZONES[number % len(ZONES)]) for number in range(24))


class FileRecordingSender:
    """Appends each posted message to a file shared by all processes."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, message: answers.Message) -> "Future[PostOutcome]":
        if not isinstance(message, answers.ReminderMessage):
            raise TypeError("only reminders are due in this test")
        for line in message.lines:
            values = (message.workspace_id, message.channel_id, line.version, line.milestone, line.milestone_date)
            os.write(self._file, f"{' '.join(map(str, values))} {line.rung}\n".encode())
        future: Future[PostOutcome] = Future()
        future.set_result(Accepted("1.0"))
        return future

    def update(self, message: answers.Message, message_ts: str) -> "Future[PostOutcome]":
        raise AssertionError("no date moves in this test")

    def find(self, place: Place, oldest: datetime) -> "Future[HistoryLookup]":
        future: Future[HistoryLookup] = Future()
        future.set_result(HistoryUnavailable("asked", is_permanent=False))
        return future


def tick_all(url: str, moments: tuple[datetime, ...], path: str, barrier: Barrier, number: int) -> None:
    """Tick at each moment together with the other processes."""
    database = Database(url)
    sender = FileRecordingSender(path)
    snapshots = SnapshotCache()
    delivery = DeliveryLoop(
        database,
        Planner(database, snapshots),
        Preparer(snapshots, Schedule(), AmbiguityPolicy.RESEND),
        Settler(Random(number)),
        (sender, sender),
        owner=f"process-{number}",
        timer=FakeTimer(),
    )
    for moment in moments:
        barrier.wait(60)
        delivery.tick(moment)
    database.close()


def list_instants(due: set[datetime]) -> tuple[datetime, ...]:
    """Return every due instant, the minutes before and after it, and every noon of the year."""
    instants = {instant + timedelta(minutes=minutes) for instant in due for minutes in (-1, 0, 1)}
    return tuple(sorted(instants | {utc("2026-12-01 12:00") + timedelta(days=day) for day in range(366)}))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("url_fixture", "process_count"), [("sqlite_url", 2), pytest.param("postgres_url", 8, marks=pytest.mark.postgres)]
)
def test_every_reminder_of_a_year_is_sent_once(
    request: pytest.FixtureRequest, tmp_path: Path, url_fixture: str, process_count: int
) -> None:
    url = str(request.getfixturevalue(url_fixture))
    database = Database(url)
    catalogue_fixture.fill(database, SEED_READ_AT)
    with database.transaction() as session:
        for place, zone in PLACES:
            schedule = Schedule(zone=zone)
            channels.save(session, Channel(place.workspace_id, place.channel_id, schedule), SUBSCRIBED_AT)
            for target in ("pytorch", "all"):
                subscriptions.add(
                    session, Subscription(place.workspace_id, place.channel_id, DLVM, target, "U1", SUBSCRIBED_AT)
                )
    previews = ReminderPreviews(database, SnapshotCache(), Schedule())
    expected: Counter[str] = Counter()
    due: set[datetime] = set()
    for place, _ in PLACES:
        for line in previews.show(365, place, SUBSCRIBED_AT).lines:
            if not line.skip_reason:
                due.add(line.at)
                values = (place.workspace_id, place.channel_id, line.version, line.milestone, line.milestone_date)
                expected[f"{' '.join(map(str, values))} {line.rung}"] += 1
    database.close()
    path = str(tmp_path / "posted.txt")
    context = get_context()
    barrier = context.Barrier(process_count)
    moments = list_instants(due)
    processes = [context.Process(target=tick_all, args=(url, moments, path, barrier, n)) for n in range(process_count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
    assert [process.exitcode for process in processes] == [0] * process_count
    posted = Counter(Path(path).read_text().splitlines())
    assert len(expected) > 200
    assert posted == expected
