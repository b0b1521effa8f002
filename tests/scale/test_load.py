"""Twenty thousand reminders due at once, over two thousand channels in two hundred workspaces of unequal size."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session

from bot.policy.post_outcomes import AmbiguityPolicy
from bot.service.delivery.loop import DeliveryLoop
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.sender import SlackSender
from storage import catalogue, channels, outbox, subscriptions
from storage.database import Database
from storage.facts import DLVM, Channel, OutboxState, PrintedDate, Schedule, Subscription
from tests.scale.limited_slack import MESSAGES_PER_SECOND, LimitedSlack
from tests.service.driver import FakeTimer, utc
from tests.storage.factories import make_family, make_reading

pytestmark = pytest.mark.no_cover  # measured elsewhere; coverage would double the time
DUE = utc("2027-01-13 09:00")
LAST_DAY = date(2027, 4, 13)
VERSIONS = 10
SEED = 4_711


def make_places(teams: int, total: int, largest: int) -> list[tuple[str, str]]:
    """One workspace is much larger than the others."""
    found = [("T000", f"C{number:04}") for number in range(largest)]
    for number in range(total - largest):
        team = 1 + number % (teams - 1)
        found.append((f"T{team:03}", f"C{number:04}"))
    return found


def fill(session: Session, where: list[tuple[str, str]]) -> None:
    """Ten versions that end on one day, and channels that watch all of them."""
    rows = [
        make_family(
            f"pytorch-3-{number}",
            number=f"3.{number}",
            end_of_patch_and_support=PrintedDate("Apr 13, 2026", date(2026, 4, 13)),
            end_of_availability=PrintedDate("Apr 13, 2027", LAST_DAY),
        )
        for number in range(VERSIONS)
    ]
    catalogue.save(session, rows, make_reading(len(rows)))
    begun = utc("2026-12-01 10:00")
    for workspace_id, channel_id in where:
        channels.save(session, Channel(workspace_id, channel_id, Schedule()), begun)
        subscriptions.add(session, Subscription(workspace_id, channel_id, DLVM, "pytorch", "U1", begun))


class Load:
    """The bot, posting to a Slack that keeps its limits."""

    def __init__(self, database: Database, faulty: float) -> None:
        self.watch = FakeTimer()
        self._lock = threading.Lock()
        self.slack = LimitedSlack(self.watch.monotonic, Random(SEED), faulty)
        self.slack.start()
        self._sender = SlackSender(lambda team: f"xoxb-load-{team}", self.slack.url)
        self._reading = ConversationsClient(lambda team: f"xoxb-load-{team}", self.slack.url)
        known = SnapshotCache()
        self.delivery = DeliveryLoop(
            database,
            Planner(database, known),
            Preparer(known, Schedule(), AmbiguityPolicy.RESEND),
            Settler(Random(SEED)),
            (self._sender, self._reading),
            owner="load",
            timer=self.watch,
        )

    def clock(self) -> datetime:
        return DUE + timedelta(seconds=self.watch.monotonic())

    def close(self) -> None:
        self._sender.close()
        self._reading.close()
        self.slack.stop()


@pytest.fixture
def load(database: Database, request: pytest.FixtureRequest) -> Iterator[Load]:
    found = Load(database, request.param)
    yield found
    found.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("load", [0.0], indirect=True, ids=["without faults"])
def test_all_arrive_once_as_fast_as_the_limits_allow(database: Database, load: Load) -> None:
    where = make_places(200, 2_000, 300)
    with database.transaction() as session:
        fill(session, where)
    done = load.delivery.deliver(load.clock)
    assert (done.planned, done.sent, done.messages) == (20_000, 20_000, 2_000)
    assert load.slack.violations == []
    assert set(load.slack.accepted.values()) == {1}
    assert {(team, channel) for team, channel, _ in load.slack.accepted} == set(where)
    least = (300 - MESSAGES_PER_SECOND) / MESSAGES_PER_SECOND
    assert load.slack.last_accepted_at <= 1.1 * least, (
        f"{load.slack.last_accepted_at:.1f} s of moved time; the limits allow {least:.1f} s"
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("load", [0.2], indirect=True, ids=["a fifth goes wrong"])
def test_all_arrive_once_whatever_goes_wrong(database: Database, load: Load) -> None:
    where = make_places(200, 2_000, 60)
    with database.transaction() as session:
        fill(session, where)
    for _ in range(200):
        load.delivery.deliver(load.clock)
        with database.read_only() as session:
            if set(outbox.count_by_state(session)) == {OutboxState.SENT}:
                break
        load.watch.seconds += 30
    assert {(team, channel) for team, channel, _ in load.slack.accepted} == set(where), f"seed {SEED}"
    assert set(load.slack.accepted.values()) == {1}
    assert load.slack.violations == []
    assert len(load.slack.faults) == 6
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 20_000}


@pytest.mark.parametrize("load", [0.0], indirect=True)
def test_five_thousand_of_one_workspace_do_not_delay_the_first_of_another(database: Database, load: Load) -> None:
    where = [*(("T000", f"C{number:04}") for number in range(500)), ("T999", "C0000")]
    with database.transaction() as session:
        fill(session, where)
    load.delivery.tick(DUE)
    first = [team for team, _, _ in load.slack.accepted]
    assert first.index("T999") <= MESSAGES_PER_SECOND
    assert load.watch.monotonic() < 50
