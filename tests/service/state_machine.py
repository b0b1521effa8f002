"""Rules for Slack, clocks and processes, and the invariants of delivery."""

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
"""Days without failures at the end: long enough to wait for a snooze, a weekend and a summary."""

CHECKPOINTS = ("planning", "planned", "claimed", "before the call", "answered", "looked", "settling", "settled")


class ProcessKilled(BaseException):
    """The process ends at once."""


class DeliveryMachine(SubscriberMachine):
    """People, Slack, clocks and processes."""

    def start_processes(self) -> None:
        self.started_count = 0
        self.processes = [self._start_process(), self._start_process()]
        self.history_was_hidden = False

    def _start_process(self, checkpoint: Callable[[str], None] = lambda _: None) -> DeliveryLoop:
        self.started_count += 1
        return self.driver.build_loop(f"process {self.started_count}", checkpoint=checkpoint)

    @rule(failures=st.lists(st.sampled_from(FAILURES), min_size=1, max_size=6), days=st.integers(1, 12))
    def fail_slack_calls(self, failures: list[PostOutcome | str], days: int) -> None:
        self.slack.outcomes = failures
        self._run_days(days, 0)

    @rule(place=places, invited=st.booleans())
    def change_invitation(self, place: Place, invited: bool) -> None:
        channel = {(place.workspace_id, place.channel_id)}
        closed = self.slack.closed_channels
        self.slack.closed_channels = closed - channel if invited else closed | channel
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

    @rule(days=st.integers(1, 20), first_process=st.integers(0, 1))
    def let_time_pass(self, days: int, first_process: int) -> None:
        self._run_days(days, first_process)

    @rule(occurrence=st.integers(1, 12), checkpoint=st.sampled_from(CHECKPOINTS))
    def kill_process(self, occurrence: int, checkpoint: str) -> None:
        left = occurrence

        def kill_at_checkpoint(name: str) -> None:
            nonlocal left
            left -= name == checkpoint
            if left == 0:
                raise ProcessKilled

        try:
            self._start_process(kill_at_checkpoint).tick(self.model.now)
        except ProcessKilled:
            self.processes[0] = self._start_process()

    def _run_days(self, days: int, first_process: int) -> None:
        """Let both processes tick in turn around each channel hour."""
        end = self.model.now + timedelta(days=days)
        while self.model.now < end:
            next_hour = self.model.now.replace(minute=1) + HOUR
            while next_hour.hour not in HOURS:
                next_hour += HOUR
            self.model.advance_to(next_hour)
            for minutes in (0, 2, 4):
                moment = next_hour + timedelta(minutes=minutes)
                self.model.now = moment
                self.processes[(first_process + minutes) % 2].tick(moment)
            self._recover_channels()

    def _recover_channels(self) -> None:
        def check_reach(place: Place) -> answers.ChannelReach:
            is_closed = (place.workspace_id, place.channel_id) in self.slack.closed_channels
            return answers.ChannelReach.NEEDS_INVITE if is_closed else answers.ChannelReach.OK

        def is_token_valid(workspace_id: str) -> bool:
            return workspace_id not in self.slack.workspace_outcomes

        recovery = ChannelRecovery(self.database, check_reach, is_token_valid)
        recovery.run(self.model.now)
        recovery.restore_workspaces(self.model.now)

    @invariant()
    def check_messages(self) -> None:
        if not hasattr(self, "database"):
            return
        assert not self.model.violations, self.model.violations
        with self.database.read_only() as session:
            duplicates = [duplicate.delivery_id for duplicate in outbox.list_possible_duplicates(session)]
        for delivery_id, count in self.model.accepted_counts.items():
            recorded = duplicates.count(delivery_id)
            assert count <= 1 + recorded, f"posted {count} times, {recorded} duplicates recorded"
            assert count == 1 or self.history_was_hidden, "posted again although the history could be read"

    def teardown(self) -> None:
        if not hasattr(self, "processes"):
            return
        end = self.model.now
        self.slack.outcomes, self.slack.workspace_outcomes, self.slack.history_error = [], {}, None
        self.slack.closed_channels.clear()
        self._run_days(CALM_DAYS, 0)
        self.check_messages()
        assert self.model.list_missing(end) == []
        for place, channel in self.model.channels.items():
            if channel.weekly and channel.targets:
                assert any(day > end.date() for day in channel.summary_days), f"no summary for {place}"
        self.database.close()
