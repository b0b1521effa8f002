"""The lines of a message: what is said of one date, of a date that moved, of a week."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot import answers
from bot.policy import changes, durations, lifecycle, reminders
from bot.policy import decisions as deciding
from bot.policy import versions as matching
from bot.service.place import days_off, today_at
from bot.service.reminders import forecast, send_time
from bot.service.versions import status
from bot.service.versions.snapshot import Known
from storage.facts import Channel, DateChange, Decided, Decision, FrameworkVersion, Kind, Milestone, OutboxEntry

OPEN_FOR = timedelta(days=60)
"""How long after a date has passed a weekly summary still names the versions nobody said were migrated."""


def of_entries(entries: Sequence[OutboxEntry], channel: Channel, known: Known, day: date) -> list[answers.ReminderLine]:
    """A line for each version and date; both milestones on one date make one line."""
    together: dict[tuple[str, date], list[OutboxEntry]] = {}
    for entry in entries:
        together.setdefault((entry.reminder.version, entry.reminder.milestone_date), []).append(entry)
    found = []
    for (name, _), same_day in together.items():
        version = known.find(name)
        if version is not None:
            found.append(_line(same_day, version, channel, known, day))
    return found


def corrected(line: answers.ReminderLine, known: Known) -> answers.ReminderLine:
    """The line as it is to be read now, where its date may have moved since it was sent."""
    version = known.find(line.version)
    days = [row.date_of(line.milestone).day for row in version.families] if version else []
    if line.milestone_date in days:
        return line
    instead = next((day for day in days if day is not None), None)
    by_hand = status.by_hand(version, line.milestone, instead) if version and instead else ()
    return replace(line, corrected=True, moved_to=instead, by_hand=by_hand)


def decided(
    line: answers.ReminderLine, decisions: Iterable[Decision], channel: Channel, now: datetime
) -> answers.ReminderLine:
    """The line with what the channel's people decided about it."""
    about = {(milestone, line.milestone_date) for milestone in (line.milestone, line.also)} | {(None, None)}
    mine = [d for d in decisions if d.version == line.version and (d.milestone, d.milestone_date) in about]
    shown = tuple(dict.fromkeys(decision(each, channel, now) for each in mine))
    return replace(line, decided=shown)


def decision(found: Decision, channel: Channel, now: datetime) -> answers.DecisionLine:
    """A decision as it is shown."""
    is_day_off, until, rung, clamped = days_off(channel.schedule), found.until, None, False
    if found.milestone_date is not None and found.decided is Decided.ACKNOWLEDGED:
        rung, until = deciding.quiet_until(found.milestone_date, channel.schedule.ladder, is_day_off) or (None, None)
    if found.milestone_date is not None and found.decided is Decided.SNOOZED:
        clamped = until == deciding.latest_snooze(found.milestone_date, is_day_off)
    return answers.DecisionLine(
        what=found.decided,
        by=found.decided_by,
        on=today_at(channel, found.decided_at),
        undo=deciding.may_undo(found, now),
        until=until,
        rung=rung,
        clamped=clamped,
        migrated_to=found.migrated_to,
        owner=found.owner,
        given_for=found.given_for,
    )


def moved(change: DateChange, decisions: Iterable[Decision], day: date) -> answers.MovedLine:
    """What a channel is told of a date that moved."""
    mine = [d for d in decisions if d.version == change.version and d.given_for is not None]
    mine = [d for d in mine if d.milestone is change.milestone and d.milestone_date == change.after]
    kept = [d for d in mine if d.decided is not Decided.OWNED]
    return answers.MovedLine(
        version=change.version,
        title=matching.title(change.version),
        milestone=change.milestone,
        before=change.before,
        after=change.after,
        direction=changes.direction(change.before, change.after, change.found_at.date()),
        days_left=lifecycle.days_left(day, change.after) if change.after else None,
        families=change.families,
        found_on=change.found_at.date(),
        kept=tuple(d.decided.value for d in kept),
        owner=next((d.owner for d in mine if d.decided is Decided.OWNED), ""),
        remark=change.remark,
    )


def weekly(
    channel: Channel, targets: Sequence[str], decisions: Sequence[Decision], known: Known, now: datetime
) -> answers.Weekly:
    """Proof of life: what comes next for the channel, and what is left open."""
    day = today_at(channel, now)
    watched = [v for v in known.versions if any(matching.covers(target, v) for target in targets)]
    coming = forecast.first(now, watched, channel, decisions)
    settled = {(d.version, d.milestone_date) for d in decisions if d.decided is not Decided.OWNED} | {
        (d.version, None) for d in decisions if d.decided is Decided.MIGRATED
    }
    left_open = [
        (version.name, m.milestone, m.day)
        for version in watched
        for m in lifecycle.milestones(version)
        if timedelta() < day - m.day <= OPEN_FOR and not {(version.name, m.day), (version.name, None)} & settled
    ]
    by_hand, unverified = lifecycle.by_hand(watched), lifecycle.unverified(watched)
    return answers.Weekly(
        next=coming,
        days_to_next=(today_at(channel, coming.at) - day).days if coming else None,
        watched=len(watched),
        rows=known.rows,
        held_back=known.held_back,
        open=tuple(sorted(left_open, key=lambda each: (each[2], each[0]))),
        by_hand=tuple(each for each in left_open if each in by_hand),
        unverified=tuple(each for each in left_open if each in unverified),
    )


def because_of(decision: Decision) -> str:
    """Why a decision keeps a reminder back."""
    match decision.decided:
        case Decided.MIGRATED:
            return "this channel has migrated"
        case Decided.ACKNOWLEDGED:
            return "acknowledged: quiet until the last call"
        case Decided.SNOOZED:
            until = durations.plain_date(decision.until) if decision.until else "later"
            return f"snoozed until {until}"
        case Decided.OWNED:
            return ""


def _line(
    entries: Sequence[OutboxEntry], version: FrameworkVersion, channel: Channel, known: Known, day: date
) -> answers.ReminderLine:
    milestone_date = entries[0].reminder.milestone_date
    kinds = sorted({_milestone(e) for e in entries}, key=list(Milestone).index)
    rung = min(e.reminder.rung for e in entries)
    is_day_off = days_off(channel.schedule)
    snoozed = any(e.reminder.kind is Kind.SNOOZED for e in entries)
    meant_for = day if snoozed else reminders.sending_day(milestone_date, rung, is_day_off)
    last_working = reminders.sending_day(milestone_date, reminders.LAST_DAY, is_day_off)
    return answers.ReminderLine(
        version=version.name,
        title=matching.title(version.name),
        milestone=kinds[0],
        also=kinds[1] if len(kinds) > 1 else None,
        milestone_date=milestone_date,
        rung=rung,
        days_left=lifecycle.days_left(day, milestone_date),
        last_working_day=last_working if last_working != milestone_date else None,
        next_availability=_availability_ahead(version, kinds[0], milestone_date),
        families=_families(version, kinds[0], milestone_date),
        advice=status.advice(day, version, known),
        due_on=meant_for,
        late=day > meant_for and not _rode_along(channel, rung, day - meant_for),
        snoozed=snoozed,
        by_hand=tuple(one for kind in kinds for one in status.by_hand(version, kind, milestone_date)),
        unverified=_unverified(version, kinds, milestone_date),
    )


def _unverified(version: FrameworkVersion, kinds: Sequence[Milestone], day: date) -> tuple[str, ...]:
    cells = [row.date_of(kind) for kind in kinds for row in version.families]
    return tuple(dict.fromkeys(cell.unverified for cell in cells if cell.unverified and cell.day == day))


def _rode_along(channel: Channel, rung: int, waited: timedelta) -> bool:
    """Whether it waited for the weekly summary, as the channel wants it."""
    return channel.weekly and rung > send_time.RIDES_IN_SUMMARY and waited <= timedelta(weeks=1)


def _milestone(entry: OutboxEntry) -> Milestone:
    """The entry's milestone; raises ValueError for one that is about none."""
    if entry.reminder.milestone is None:
        raise ValueError(f"a {entry.reminder.kind} is about no milestone")
    return entry.reminder.milestone


def _availability_ahead(version: FrameworkVersion, milestone: Milestone, day: date) -> date | None:
    """Until when the images whose support ends can still be used by name, the earliest where rows differ."""
    if milestone is Milestone.END_OF_AVAILABILITY:
        return None
    rows = [row for row in version.families if row.end_of_patch_and_support.day == day]
    days = [row.end_of_availability.day for row in rows if row.end_of_availability.day is not None]
    return min(days, default=None)


def _families(version: FrameworkVersion, milestone: Milestone, day: date) -> tuple[str, ...]:
    found = [m for m in lifecycle.milestones(version) if m.milestone is milestone and m.day == day]
    return tuple(row.family for m in found for row in m.families)
