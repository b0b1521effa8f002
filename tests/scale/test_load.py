"""20,000 reminders due at once, in 2,000 channels of 200 workspaces of unequal size."""

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

pytestmark = pytest.mark.no_cover  # covered by other tests; measuring would double the time
DUE = utc("2027-01-13 09:00")
LAST_DAY = date(2027, 4, 13)
VERSIONS = 10
SEED = 4_711


def make_channels(teams: int, total: int, largest: int) -> list[tuple[str, str]]:
    """Return (workspace, channel) pairs. One workspace is much larger than the others."""
    pairs = [("T000", f"C{number:04}") for number in range(largest)]
    for number in range(total - largest):
        team = 1 + number % (teams - 1)
        pairs.append((f"T{team:03}", f"C{number:04}"))
    return pairs


def fill(session: Session, pairs: list[tuple[str, str]]) -> None:
    """Store ten versions that end on one day, and channels that subscribe to all of them."""
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
    subscribed_at = utc("2026-12-01 10:00")
    for workspace_id, channel_id in pairs:
        channels.save(session, Channel(workspace_id, channel_id, Schedule()), subscribed_at)
        subscriptions.add(session, Subscription(workspace_id, channel_id, DLVM, "pytorch", "U1", subscribed_at))


class LoadTest:
    """The delivery loop, posting to a Slack that checks its limits."""

    def __init__(self, database: Database, fault_rate: float) -> None:
        self.timer = FakeTimer()
        self._lock = threading.Lock()
        self.slack = LimitedSlack(self.timer.monotonic, Random(SEED), fault_rate)
        self.slack.start()
        self._sender = SlackSender(lambda team: f"xoxb-load-{team}", self.slack.url)
        self._conversations = ConversationsClient(lambda team: f"xoxb-load-{team}", self.slack.url)
        snapshots = SnapshotCache()
        self.delivery = DeliveryLoop(
            database,
            Planner(database, snapshots),
            Preparer(snapshots, Schedule(), AmbiguityPolicy.RESEND),
            Settler(Random(SEED)),
            (self._sender, self._conversations),
            owner="load",
            timer=self.timer,
        )

    def get_now(self) -> datetime:
        return DUE + timedelta(seconds=self.timer.monotonic())

    def close(self) -> None:
        self._sender.close()
        self._conversations.close()
        self.slack.stop()


@pytest.fixture
def load(database: Database, request: pytest.FixtureRequest) -> Iterator[LoadTest]:
    test = LoadTest(database, request.param)
    yield test
    test.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("load", [0.0], indirect=True, ids=["without faults"])
def test_all_arrive_once_as_fast_as_limits_allow(database: Database, load: LoadTest) -> None:
    pairs = make_channels(200, 2_000, 300)
    with database.transaction() as session:
        fill(session, pairs)
    tick = load.delivery.deliver(load.get_now)
    assert (tick.planned, tick.sent, tick.messages) == (20_000, 20_000, 2_000)
    assert load.slack.violations == []
    assert set(load.slack.accepted.values()) == {1}
    assert {(team, channel) for team, channel, _ in load.slack.accepted} == set(pairs)
    minimum = (300 - MESSAGES_PER_SECOND) / MESSAGES_PER_SECOND
    assert load.slack.last_accepted_at <= 1.1 * minimum, (
        f"{load.slack.last_accepted_at:.1f} s on the test's clock; the limits allow {minimum:.1f} s"
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("load", [0.2], indirect=True, ids=["a fifth fails"])
def test_all_arrive_once_despite_faults(database: Database, load: LoadTest) -> None:
    pairs = make_channels(200, 2_000, 60)
    with database.transaction() as session:
        fill(session, pairs)
    for _ in range(200):
        load.delivery.deliver(load.get_now)
        with database.read_only() as session:
            if set(outbox.count_by_state(session)) == {OutboxState.SENT}:
                break
        load.timer.seconds += 30
    assert {(team, channel) for team, channel, _ in load.slack.accepted} == set(pairs), f"seed {SEED}"
    assert set(load.slack.accepted.values()) == {1}
    assert load.slack.violations == []
    assert len(load.slack.faults) == 6
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 20_000}


@pytest.mark.parametrize("load", [0.0], indirect=True)
def test_a_busy_workspace_does_not_delay_another(database: Database, load: LoadTest) -> None:
    pairs = [*(("T000", f"C{number:04}") for number in range(500)), ("T999", "C0000")]
    with database.transaction() as session:
        fill(session, pairs)
    load.delivery.tick(DUE)
    teams = [team for team, _, _ in load.slack.accepted]
    assert teams.index("T999") <= MESSAGES_PER_SECOND
    assert load.timer.monotonic() < 50
