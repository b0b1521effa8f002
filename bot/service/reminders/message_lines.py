"""The parts of a reminder message: lines about dates, date changes and decisions, and the weekly summary."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot import answers
from bot.policy import changes, durations, lifecycle, reminders
from bot.policy.decisions import can_undo, compute_latest_snooze, find_acknowledgement_end
from bot.policy.versions import covers, format_title
from bot.service.place import get_today
from bot.service.reminders import forecast, send_time
from bot.service.versions import status
from bot.service.versions.snapshot import CatalogueSnapshot
from bot.service.working_days import get_day_off_check
from storage.facts import (
    Channel,
    DateChange,
    Decision,
    DecisionKind,
    FrameworkVersion,
    MessageKind,
    Milestone,
    OutboxEntry,
)

UNMIGRATED_WINDOW = timedelta(days=60)
"""How long after a date the weekly summary still lists a version that nobody marked as migrated."""

_SILENCES = {
    DecisionKind.MIGRATED: "this channel has migrated",
    DecisionKind.ACKNOWLEDGED: "acknowledged: quiet until the last call",
    DecisionKind.SNOOZED: "snoozed until {until}",
    DecisionKind.OWNED: "",
}


def build_lines(
    entries: Sequence[OutboxEntry], channel: Channel, snapshot: CatalogueSnapshot, day: date
) -> list[answers.ReminderLine]:
    """Return a line for each version and date. If both milestones fall on one date, they share a line."""
    entries_by_date: dict[tuple[str, date], list[OutboxEntry]] = {}
    for entry in entries:
        entries_by_date.setdefault((entry.reminder.version, entry.reminder.milestone_date), []).append(entry)
    return [
        _build_line(date_entries, version, channel, snapshot, day)
        for (name, _), date_entries in entries_by_date.items()
        if (version := snapshot.find(name)) is not None
    ]


def correct_line(line: answers.ReminderLine, snapshot: CatalogueSnapshot) -> answers.ReminderLine:
    """Return the line marked as corrected if the version no longer has its date; otherwise unchanged."""
    version = snapshot.find(line.version)
    days = list_days(version, line.milestone) if version else []
    if line.milestone_date in days:
        return line
    new_date = next((day for day in days if day is not None), None)
    overrides = status.list_overrides(version, line.milestone, new_date) if version and new_date else ()
    return replace(line, is_corrected=True, moved_to=new_date, overrides=overrides)


def list_days(version: FrameworkVersion, milestone: Milestone) -> list[date | None]:
    """Return the date of the milestone in each row of the version; None for a row without one."""
    return [row.get_date(milestone).day for row in version.families]


def add_decisions(
    line: answers.ReminderLine, decisions: Iterable[Decision], channel: Channel, now: datetime
) -> answers.ReminderLine:
    """Return the line with the channel's decisions about its date or its version."""
    dates = {(milestone, line.milestone_date) for milestone in (line.milestone, line.second_milestone)} | {(None, None)}
    own_decisions = (d for d in decisions if d.version == line.version and (d.milestone, d.milestone_date) in dates)
    return replace(line, decisions=build_decision_lines(own_decisions, channel, now))


def build_decision_lines(
    decisions: Iterable[Decision], channel: Channel, now: datetime
) -> tuple[answers.DecisionLine, ...]:
    """Return each decision once, as `build_decision_line` does: those about both dates of a version are equal."""
    return tuple(dict.fromkeys(build_decision_line(decision, channel, now) for decision in decisions))


def build_decision_line(decision: Decision, channel: Channel, now: datetime) -> answers.DecisionLine:
    """Return the decision with its quiet period and whether it can still be undone."""
    is_day_off = get_day_off_check(channel.schedule)
    quiet_until, next_rung, is_clamped = decision.snoozed_until, None, False
    if decision.milestone_date is not None and decision.kind is DecisionKind.ACKNOWLEDGED:
        end = find_acknowledgement_end(decision.milestone_date, channel.schedule.ladder, is_day_off)
        next_rung, quiet_until = end or (None, None)
    if decision.milestone_date is not None and decision.kind is DecisionKind.SNOOZED:
        is_clamped = quiet_until == compute_latest_snooze(decision.milestone_date, is_day_off)
    return answers.DecisionLine(
        kind=decision.kind,
        by=decision.decided_by,
        decided_on=get_today(channel, decision.decided_at),
        can_undo=can_undo(decision, now),
        quiet_until=quiet_until,
        next_rung=next_rung,
        is_clamped=is_clamped,
        migrated_to=decision.migrated_to,
        owner=decision.owner,
        original_date=decision.original_date,
    )


def build_date_change_line(change: DateChange, decisions: Iterable[Decision]) -> answers.DateChangeLine:
    """Return the line about a changed date, with the channel's decisions that were carried over to the new date."""
    carried_over = [
        d
        for d in decisions
        if d.original_date is not None
        and (d.version, d.milestone, d.milestone_date) == (change.version, change.milestone, change.after)
    ]
    return answers.DateChangeLine(
        version=change.version,
        title=format_title(change.version),
        milestone=change.milestone,
        before=change.before,
        after=change.after,
        direction=changes.classify_direction(change.before, change.after, change.found_at.date()),
        families=change.families,
        kept_decisions=tuple(d.kind.value for d in carried_over if d.kind is not DecisionKind.OWNED),
        owner=next((d.owner for d in carried_over if d.kind is DecisionKind.OWNED), ""),
        override_note=change.remark,
    )


def build_weekly_summary(
    channel: Channel, targets: Sequence[str], decisions: Sequence[Decision], snapshot: CatalogueSnapshot, now: datetime
) -> answers.WeeklySummary:
    """Return the channel's next reminder, its passed dates without a decision, and the state of the catalogue."""
    day = get_today(channel, now)
    versions = [v for v in snapshot.versions if any(covers(target, v) for target in targets)]
    next_reminder = forecast.find_first(now, versions, channel, decisions)
    decided = {(d.version, d.milestone_date) for d in decisions if d.kind is not DecisionKind.OWNED}
    migrated = {d.version for d in decisions if d.kind is DecisionKind.MIGRATED}
    unmigrated = [
        (version.name, m.milestone, m.day)
        for version in versions
        for m in lifecycle.list_milestones(version)
        if timedelta() < day - m.day <= UNMIGRATED_WINDOW
        and version.name not in migrated
        and (version.name, m.day) not in decided
    ]
    overridden, unverified = lifecycle.list_overridden_dates(versions), lifecycle.list_unverified_dates(versions)
    return answers.WeeklySummary(
        next_reminder=next_reminder,
        days_to_next=(get_today(channel, next_reminder.at) - day).days if next_reminder else None,
        subscribed_versions=len(versions),
        table_rows=snapshot.row_count,
        quarantined=snapshot.quarantined,
        unmigrated=tuple(sorted(unmigrated, key=lambda item: (item[2], item[0]))),
        overridden=tuple(item for item in unmigrated if item in overridden),
        unverified=tuple(item for item in unmigrated if item in unverified),
    )


def explain_silence(decision: Decision) -> str:
    """Return why the decision keeps a reminder from being sent; empty for an owner, who silences nothing."""
    until = durations.format_date(decision.snoozed_until) if decision.snoozed_until else "later"
    return _SILENCES[decision.kind].format(until=until)


def _build_line(
    entries: Sequence[OutboxEntry], version: FrameworkVersion, channel: Channel, snapshot: CatalogueSnapshot, day: date
) -> answers.ReminderLine:
    """Build the line of one date; raise ValueError for an entry without a milestone."""
    milestone_date = entries[0].reminder.milestone_date
    milestones = sorted({_get_milestone(entry) for entry in entries}, key=list(Milestone).index)
    rung = min(entry.reminder.rung for entry in entries)
    is_day_off = get_day_off_check(channel.schedule)
    is_snooze_over = any(entry.reminder.kind is MessageKind.SNOOZED for entry in entries)
    due_on = day if is_snooze_over else reminders.find_sending_day(milestone_date, rung, is_day_off)
    last_working_day = reminders.find_sending_day(milestone_date, reminders.LAST_DAY, is_day_off)
    return answers.ReminderLine(
        version=version.name,
        title=format_title(version.name),
        milestone=milestones[0],
        second_milestone=milestones[1] if len(milestones) > 1 else None,
        milestone_date=milestone_date,
        rung=rung,
        days_left=lifecycle.count_days_left(day, milestone_date),
        last_working_day=last_working_day if last_working_day != milestone_date else None,
        next_availability=_find_next_availability(version, milestones[0], milestone_date),
        families=_list_families(version, milestones[0], milestone_date),
        advice=status.build_advice(day, version, snapshot),
        due_on=due_on,
        is_late=day > due_on and not _waited_for_summary(channel, rung, day - due_on),
        is_snooze_over=is_snooze_over,
        overrides=tuple(override for m in milestones for override in status.list_overrides(version, m, milestone_date)),
        unverified_reasons=_list_unverified_reasons(version, milestones, milestone_date),
    )


def _list_unverified_reasons(version: FrameworkVersion, milestones: Sequence[Milestone], day: date) -> tuple[str, ...]:
    cells = [row.get_date(milestone) for milestone in milestones for row in version.families]
    return tuple(dict.fromkeys(cell.unverified for cell in cells if cell.unverified and cell.day == day))


def _waited_for_summary(channel: Channel, rung: int, delay: timedelta) -> bool:
    return channel.weekly and rung > send_time.SUMMARY_DAYS and delay <= timedelta(weeks=1)


def _get_milestone(entry: OutboxEntry) -> Milestone:
    if entry.reminder.milestone is None:
        raise ValueError(f"a {entry.reminder.kind} is about no milestone")
    return entry.reminder.milestone


def _find_next_availability(version: FrameworkVersion, milestone: Milestone, day: date) -> date | None:
    """Return the earliest end of availability of the rows whose support ends on the day.

    None for an end of availability itself, or if the rows have no such date.
    """
    if milestone is Milestone.END_OF_AVAILABILITY:
        return None
    rows = [row for row in version.families if row.end_of_patch_and_support.day == day]
    days = [row.end_of_availability.day for row in rows if row.end_of_availability.day is not None]
    return min(days, default=None)


def _list_families(version: FrameworkVersion, milestone: Milestone, day: date) -> tuple[str, ...]:
    matching_dates = [m for m in lifecycle.list_milestones(version) if m.milestone is milestone and m.day == day]
    return tuple(row.family for m in matching_dates for row in m.families)
