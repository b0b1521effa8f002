"""What Slack, clocks and processes do to the reminders that people want, and what must hold whatever they do."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
)

from bot import answers
from bot.policy.post_outcomes import HistoryUnavailable, PostOutcome
from bot.service.delivery.loop import DeliveryLoop
from bot.service.place import Place
from bot.service.workspaces.channel_health import ChannelRecovery
from storage import outbox
from tests.service.model_slack import ACCOUNT_INACTIVE, FAILURES
from tests.service.reference_model import HOUR
from tests.service.state_machine_rules import HOURS, SubscriberMachine, places

CALM_DAYS = 14
"""Days in which all is well at the end: long enough for a snooze's, a weekend's and a summary's wait."""

CHECKPOINTS = ("planning", "planned", "claimed", "before the call", "answered", "looked", "settling", "settled")


class ProcessKilled(BaseException):
    """The process is gone."""


class DeliveryMachine(SubscriberMachine):
    """People, Slack, clocks and processes."""

    def start_processes(self) -> None:
        self.started_count = 0
        self.processes = [self._start_process(), self._start_process()]
        self.history_was_hidden = False

    def _start_process(self, checkpoint: Callable[[str], None] = lambda _: None) -> DeliveryLoop:
        self.started_count += 1
        return self.desk.build_loop(f"process {self.started_count}", checkpoint=checkpoint)

    @rule(failures=st.lists(st.sampled_from(FAILURES), min_size=1, max_size=6), days=st.integers(1, 12))
    def fail_slack_calls(self, failures: list[PostOutcome | str], days: int) -> None:
        self.slack.outcomes = failures
        self._run_days(days, 0)

    @rule(place=places, invited=st.booleans())
    def change_invitation(self, place: Place, invited: bool) -> None:
        where = (place.workspace_id, place.channel_id)
        self.slack.closed_channels = (
            self.slack.closed_channels - {where} if invited else self.slack.closed_channels | {where}
        )
        self._recover_channels()

    @rule(suspended=st.booleans())
    def change_installation(self, suspended: bool) -> None:
        self.slack.workspace_outcomes = {"T2": ACCOUNT_INACTIVE} if suspended else {}
        self._recover_channels()

    @rule(readable=st.booleans())
    def change_history_access(self, readable: bool) -> None:
        self.slack.history_error = None if readable else HistoryUnavailable("missing_scope", is_permanent=True)
        self.history_was_hidden = self.history_was_hidden or not readable

    @rule(hours=st.integers(1, 100))
    def skip_ticks(self, hours: int) -> None:
        self.model.advance_to(self.model.now + timedelta(hours=hours))

    @rule(hours=st.integers(1, 30))
    def turn_clock_back(self, hours: int) -> None:
        self.model.now -= timedelta(hours=hours)
        self.model.update_expectations()

    @rule(days=st.integers(1, 20), which=st.integers(0, 1))
    def let_time_pass(self, days: int, which: int) -> None:
        self._run_days(days, which)

    @rule(place=st.integers(1, 12), where=st.sampled_from(CHECKPOINTS))
    def kill_process(self, place: int, where: str) -> None:
        left = place

        def checkpoint(name: str) -> None:
            nonlocal left
            left -= name == where
            if left == 0:
                raise ProcessKilled

        try:
            self._start_process(checkpoint).tick(self.model.now)
        except ProcessKilled:
            self.processes[0] = self._start_process()

    def _run_days(self, days: int, which: int) -> None:
        end = self.model.now + timedelta(days=days)
        while self.model.now < end:
            following = self.model.now.replace(minute=1) + HOUR
            while following.hour not in HOURS:
                following += HOUR
            self.model.advance_to(following)
            for minutes in (0, 2, 4):
                moment = following + timedelta(minutes=minutes)
                self.model.now = moment
                self.processes[(which + minutes) % 2].tick(moment)
            self._recover_channels()

    def _recover_channels(self) -> None:
        def look(place: Place) -> answers.ChannelReach:
            shut = (place.workspace_id, place.channel_id) in self.slack.closed_channels
            return answers.ChannelReach.NEEDS_INVITE if shut else answers.ChannelReach.OK

        healing = ChannelRecovery(
            self.database, look, lambda workspace_id: workspace_id not in self.slack.workspace_outcomes
        )
        healing.run(self.model.now)
        healing.restore_workspaces(self.model.now)

    @invariant()
    def check_messages(self) -> None:
        if not hasattr(self, "database"):
            return
        assert not self.model.violations, self.model.violations
        with self.database.read_only() as session:
            counted = [repeat.delivery_id for repeat in outbox.list_possible_duplicates(session)]
        for key, times in self.model.accepted_counts.items():
            assert times <= 1 + counted.count(key), f"{times} times, counted {counted.count(key)}"
            assert times == 1 or self.history_was_hidden, "repeated although Slack could be asked"

    def teardown(self) -> None:
        if not hasattr(self, "processes"):
            return
        until = self.model.now
        self.slack.outcomes, self.slack.workspace_outcomes, self.slack.history_error = [], {}, None
        self.slack.closed_channels.clear()
        self._run_days(CALM_DAYS, 0)
        self.check_messages()
        assert self.model.list_missing(until) == []
        for place, watcher in self.model.channels.items():
            if watcher.weekly and watcher.targets:
                assert any(day > until.date() for day in watcher.summary_days), f"no summary for {place}"
        self.database.close()
