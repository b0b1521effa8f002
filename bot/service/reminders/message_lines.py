"""The lines of a message: what is said of one date, of a date that moved, of a week."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot import answers
from bot.policy import changes, durations, lifecycle, reminders
from bot.policy import decisions as deciding
from bot.policy import versions as matching
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
"""How long after a date has passed a weekly summary still names the versions nobody said were migrated."""


def build_lines(
    entries: Sequence[OutboxEntry], channel: Channel, snapshot: CatalogueSnapshot, day: date
) -> list[answers.ReminderLine]:
    """A line for each version and date; both milestones on one date make one line."""
    together: dict[tuple[str, date], list[OutboxEntry]] = {}
    for entry in entries:
        together.setdefault((entry.reminder.version, entry.reminder.milestone_date), []).append(entry)
    found = []
    for (name, _), same_day in together.items():
        version = snapshot.find(name)
        if version is not None:
            found.append(_build_line(same_day, version, channel, snapshot, day))
    return found


def correct_line(line: answers.ReminderLine, snapshot: CatalogueSnapshot) -> answers.ReminderLine:
    """The line as it is to be read now, where its date may have moved since it was sent."""
    version = snapshot.find(line.version)
    days = [row.get_date(line.milestone).day for row in version.families] if version else []
    if line.milestone_date in days:
        return line
    instead = next((day for day in days if day is not None), None)
    by_hand = status.list_overrides(version, line.milestone, instead) if version and instead else ()
    return replace(line, is_corrected=True, moved_to=instead, overrides=by_hand)


def add_decisions(
    line: answers.ReminderLine, decisions: Iterable[Decision], channel: Channel, now: datetime
) -> answers.ReminderLine:
    """The line with what the channel's people decided about it."""
    about = {(milestone, line.milestone_date) for milestone in (line.milestone, line.second_milestone)} | {(None, None)}
    mine = [d for d in decisions if d.version == line.version and (d.milestone, d.milestone_date) in about]
    shown = tuple(dict.fromkeys(build_decision_line(each, channel, now) for each in mine))
    return replace(line, decisions=shown)


def build_decision_line(decision: Decision, channel: Channel, now: datetime) -> answers.DecisionLine:
    """A decision as it is shown."""
    is_day_off, until, rung, clamped = get_day_off_check(channel.schedule), decision.snoozed_until, None, False
    if decision.milestone_date is not None and decision.kind is DecisionKind.ACKNOWLEDGED:
        rung, until = deciding.find_acknowledgement_end(
            decision.milestone_date, channel.schedule.ladder, is_day_off
        ) or (None, None)
    if decision.milestone_date is not None and decision.kind is DecisionKind.SNOOZED:
        clamped = until == deciding.compute_latest_snooze(decision.milestone_date, is_day_off)
    return answers.DecisionLine(
        kind=decision.kind,
        by=decision.decided_by,
        decided_on=get_today(channel, decision.decided_at),
        can_undo=deciding.can_undo(decision, now),
        quiet_until=until,
        next_rung=rung,
        is_clamped=clamped,
        migrated_to=decision.migrated_to,
        owner=decision.owner,
        original_date=decision.original_date,
    )


def build_date_change_line(change: DateChange, decisions: Iterable[Decision], day: date) -> answers.DateChangeLine:
    """What a channel is told of a date that moved."""
    mine = [d for d in decisions if d.version == change.version and d.original_date is not None]
    mine = [d for d in mine if d.milestone is change.milestone and d.milestone_date == change.after]
    kept = [d for d in mine if d.kind is not DecisionKind.OWNED]
    return answers.DateChangeLine(
        version=change.version,
        title=matching.format_title(change.version),
        milestone=change.milestone,
        before=change.before,
        after=change.after,
        direction=changes.classify_direction(change.before, change.after, change.found_at.date()),
        days_left=lifecycle.count_days_left(day, change.after) if change.after else None,
        families=change.families,
        found_on=change.found_at.date(),
        kept_decisions=tuple(d.kind.value for d in kept),
        owner=next((d.owner for d in mine if d.kind is DecisionKind.OWNED), ""),
        override_note=change.remark,
    )


def build_weekly_summary(
    channel: Channel, targets: Sequence[str], decisions: Sequence[Decision], snapshot: CatalogueSnapshot, now: datetime
) -> answers.WeeklySummary:
    """Proof of life: what comes next for the channel, and what is left open."""
    day = get_today(channel, now)
    watched = [v for v in snapshot.versions if any(matching.covers(target, v) for target in targets)]
    coming = forecast.find_first(now, watched, channel, decisions)
    settled = {(d.version, d.milestone_date) for d in decisions if d.kind is not DecisionKind.OWNED} | {
        (d.version, None) for d in decisions if d.kind is DecisionKind.MIGRATED
    }
    left_open = [
        (version.name, m.milestone, m.day)
        for version in watched
        for m in lifecycle.list_milestones(version)
        if timedelta() < day - m.day <= UNMIGRATED_WINDOW
        and not {(version.name, m.day), (version.name, None)} & settled
    ]
    by_hand, unverified = lifecycle.list_overridden_dates(watched), lifecycle.list_unverified_dates(watched)
    return answers.WeeklySummary(
        next_reminder=coming,
        days_to_next=(get_today(channel, coming.at) - day).days if coming else None,
        subscribed_versions=len(watched),
        table_rows=snapshot.row_count,
        quarantined=snapshot.quarantined,
        unmigrated=tuple(sorted(left_open, key=lambda each: (each[2], each[0]))),
        overridden=tuple(each for each in left_open if each in by_hand),
        unverified=tuple(each for each in left_open if each in unverified),
    )


def explain_silence(decision: Decision) -> str:
    """Why a decision keeps a reminder back."""
    match decision.kind:
        case DecisionKind.MIGRATED:
            return "this channel has migrated"
        case DecisionKind.ACKNOWLEDGED:
            return "acknowledged: quiet until the last call"
        case DecisionKind.SNOOZED:
            until = durations.format_date(decision.snoozed_until) if decision.snoozed_until else "later"
            return f"snoozed until {until}"
        case DecisionKind.OWNED:
            return ""


def _build_line(
    entries: Sequence[OutboxEntry], version: FrameworkVersion, channel: Channel, snapshot: CatalogueSnapshot, day: date
) -> answers.ReminderLine:
    milestone_date = entries[0].reminder.milestone_date
    kinds = sorted({_get_milestone(e) for e in entries}, key=list(Milestone).index)
    rung = min(e.reminder.rung for e in entries)
    is_day_off = get_day_off_check(channel.schedule)
    snoozed = any(e.reminder.kind is MessageKind.SNOOZED for e in entries)
    meant_for = day if snoozed else reminders.find_sending_day(milestone_date, rung, is_day_off)
    last_working = reminders.find_sending_day(milestone_date, reminders.LAST_DAY, is_day_off)
    return answers.ReminderLine(
        version=version.name,
        title=matching.format_title(version.name),
        milestone=kinds[0],
        second_milestone=kinds[1] if len(kinds) > 1 else None,
        milestone_date=milestone_date,
        rung=rung,
        days_left=lifecycle.count_days_left(day, milestone_date),
        last_working_day=last_working if last_working != milestone_date else None,
        next_availability=_find_next_availability(version, kinds[0], milestone_date),
        families=_list_families(version, kinds[0], milestone_date),
        advice=status.build_advice(day, version, snapshot),
        due_on=meant_for,
        is_late=day > meant_for and not _waited_for_summary(channel, rung, day - meant_for),
        is_snooze_over=snoozed,
        overrides=tuple(one for kind in kinds for one in status.list_overrides(version, kind, milestone_date)),
        unverified_reasons=_list_unverified_reasons(version, kinds, milestone_date),
    )


def _list_unverified_reasons(version: FrameworkVersion, kinds: Sequence[Milestone], day: date) -> tuple[str, ...]:
    cells = [row.get_date(kind) for kind in kinds for row in version.families]
    return tuple(dict.fromkeys(cell.unverified for cell in cells if cell.unverified and cell.day == day))


def _waited_for_summary(channel: Channel, rung: int, waited: timedelta) -> bool:
    """Whether it waited for the weekly summary, as the channel wants it."""
    return channel.weekly and rung > send_time.SUMMARY_DAYS and waited <= timedelta(weeks=1)


def _get_milestone(entry: OutboxEntry) -> Milestone:
    """The entry's milestone; raises ValueError for one that is about none."""
    if entry.reminder.milestone is None:
        raise ValueError(f"a {entry.reminder.kind} is about no milestone")
    return entry.reminder.milestone


def _find_next_availability(version: FrameworkVersion, milestone: Milestone, day: date) -> date | None:
    """Until when the images whose support ends can still be used by name, the earliest where rows differ."""
    if milestone is Milestone.END_OF_AVAILABILITY:
        return None
    rows = [row for row in version.families if row.end_of_patch_and_support.day == day]
    days = [row.end_of_availability.day for row in rows if row.end_of_availability.day is not None]
    return min(days, default=None)


def _list_families(version: FrameworkVersion, milestone: Milestone, day: date) -> tuple[str, ...]:
    found = [m for m in lifecycle.list_milestones(version) if m.milestone is milestone and m.day == day]
    return tuple(row.family for m in found for row in m.families)
