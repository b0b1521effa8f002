"""What Slack, clocks and processes do to the reminders that people want, and what must hold whatever they do."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
)

from bot import answers
from bot.policy.post_outcomes import NotShown, Outcome
from bot.service.delivery.loop import Delivery
from bot.service.place import Place
from bot.service.workspaces.channel_health import Healing
from storage import outbox
from tests.service.model_slack import FAILURES, GONE
from tests.service.reference_model import HOUR
from tests.service.state_machine_rules import HOURS, People, places

CALM = 14
"""Days in which all is well at the end: long enough for a snooze's, a weekend's and a summary's wait."""

POINTS = ("planning", "planned", "claimed", "before the call", "answered", "looked", "settling", "settled")


class Killed(BaseException):
    """The process is gone."""


class Life(People):
    """People, Slack, clocks and processes."""

    def begun(self) -> None:
        self.started = 0
        self.processes = [self._process(), self._process()]
        self.blind = False

    def _process(self, checkpoint: Callable[[str], None] = lambda _: None) -> Delivery:
        self.started += 1
        return self.desk.delivery(f"process {self.started}", checkpoint=checkpoint)

    @rule(failures=st.lists(st.sampled_from(FAILURES), min_size=1, max_size=6), days=st.integers(1, 12))
    def slack_fails(self, failures: list[Outcome | str], days: int) -> None:
        self.slack.outcomes = failures
        self._days(days, 0)

    @rule(place=places, invited=st.booleans())
    def invitation(self, place: Place, invited: bool) -> None:
        where = (place.workspace_id, place.channel_id)
        self.slack.closed = self.slack.closed - {where} if invited else self.slack.closed | {where}
        self._heal()

    @rule(suspended=st.booleans())
    def installation(self, suspended: bool) -> None:
        self.slack.refusing = {"T2": GONE} if suspended else {}
        self._heal()

    @rule(readable=st.booleans())
    def history(self, readable: bool) -> None:
        self.slack.history = None if readable else NotShown("missing_scope", for_good=True)
        self.blind = self.blind or not readable

    @rule(hours=st.integers(1, 100))
    def nobody_ticks(self, hours: int) -> None:
        self.model.walk(self.model.now + timedelta(hours=hours))

    @rule(hours=st.integers(1, 30))
    def the_clock_goes_back(self, hours: int) -> None:
        self.model.now -= timedelta(hours=hours)
        self.model.look()

    @rule(days=st.integers(1, 20), which=st.integers(0, 1))
    def time_goes_on(self, days: int, which: int) -> None:
        self._days(days, which)

    @rule(place=st.integers(1, 12), where=st.sampled_from(POINTS))
    def a_process_dies(self, place: int, where: str) -> None:
        left = place

        def checkpoint(name: str) -> None:
            nonlocal left
            left -= name == where
            if left == 0:
                raise Killed

        try:
            self._process(checkpoint).tick(self.model.now)
        except Killed:
            self.processes[0] = self._process()

    def _days(self, days: int, which: int) -> None:
        end = self.model.now + timedelta(days=days)
        while self.model.now < end:
            following = self.model.now.replace(minute=1) + HOUR
            while following.hour not in HOURS:
                following += HOUR
            self.model.walk(following)
            for minutes in (0, 2, 4):
                moment = following + timedelta(minutes=minutes)
                self.model.now = moment
                self.processes[(which + minutes) % 2].tick(moment)
            self._heal()

    def _heal(self) -> None:
        def look(place: Place) -> answers.Reach:
            shut = (place.workspace_id, place.channel_id) in self.slack.closed
            return answers.Reach.NEEDS_INVITE if shut else answers.Reach.OK

        healing = Healing(self.database, look, lambda workspace_id: workspace_id not in self.slack.refusing)
        healing.run(self.model.now)
        healing.restore(self.model.now)

    @invariant()
    def nothing_untrue_and_nothing_twice(self) -> None:
        if not hasattr(self, "database"):
            return
        assert not self.model.wrong, self.model.wrong
        with self.database.reading() as session:
            counted = [repeat.delivery_id for repeat in outbox.possible_repeats(session)]
        for key, times in self.model.accepted.items():
            assert times <= 1 + counted.count(key), f"{times} times, counted {counted.count(key)}"
            assert times == 1 or self.blind, "repeated although Slack could be asked"

    def teardown(self) -> None:
        if not hasattr(self, "processes"):
            return
        until = self.model.now
        self.slack.outcomes, self.slack.refusing, self.slack.history = [], {}, None
        self.slack.closed.clear()
        self._days(CALM, 0)
        self.nothing_untrue_and_nothing_twice()
        assert self.model.unheard(until) == []
        for place, watcher in self.model.watchers.items():
            if watcher.weekly and watcher.targets:
                assert any(day > until.date() for day in watcher.weeks), f"no summary for {place}"
        self.database.close()
