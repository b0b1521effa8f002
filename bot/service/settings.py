"""A channel's own zone and hour."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo, available_timezones

from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, reminders
from bot.service import forecast
from bot.service.known import KnownVersions
from bot.service.place import Place, channel_at, days_off
from bot.service.subscriptions import watched_versions
from storage import outbox, schedules, subscriptions
from storage.database import Database
from storage.facts import Channel, FrameworkVersion, Rung, Schedule

PREVIEWED = 3
"""Next reminders shown beside the settings."""

_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_ABBREVIATIONS = {"utc": "UTC", "gmt": "UTC", "z": "UTC"}


@dataclass(frozen=True, slots=True)
class _Wish:
    zone: str | None
    hour: time | None
    problems: tuple[str, ...]


class ChannelSettings:
    """Shows and changes when a channel gets its reminders."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def show(self, place: Place, now: datetime) -> answers.ChannelSettings:
        """The settings as they are."""
        with self._database.reading() as session:
            channel = channel_at(session, place, self._default)
            return self._answer(session, channel, now, changed=False)

    def change(self, zone: str | None, hour: str | None, place: Place, now: datetime) -> answers.ChannelSettings:
        """Sets the zone, the hour or both; where one can't be understood, neither is changed."""
        wish = _read(zone, hour)
        with self._database.transaction() as session:
            before = channel_at(session, place, self._default)
            if wish.problems:
                return self._answer(session, before, now, changed=False, problems=wish.problems)
            after = _wished(before, wish)
            subscriptions.save_channel(session, after, now)
            self._plan_what_moved(session, before, after, now)
            return self._answer(session, after, now, changed=True)

    def _answer(
        self, session: Session, channel: Channel, now: datetime, *, changed: bool, problems: tuple[str, ...] = ()
    ) -> answers.ChannelSettings:
        coming = forecast.all_of(now, self._watched(session, channel), channel.schedule)
        return answers.ChannelSettings(
            schedule=channel.schedule,
            zone_set=channel.zone_set,
            changed=changed,
            now=now,
            next=coming[:PREVIEWED],
            problems=problems,
        )

    def _watched(self, session: Session, channel: Channel) -> tuple[FrameworkVersion, ...]:
        present = subscriptions.of_channel(session, channel.workspace_id, channel.channel_id)
        return watched_versions([s.target for s in present], self._known.read(session))

    def _plan_what_moved(self, session: Session, before: Channel, after: Channel, now: datetime) -> None:
        """Plans rungs that were still ahead on the old schedule and are behind on the new one.

        The new schedule was planned without this channel, so nobody else would.
        """
        schedules.of(session, after.schedule, now)
        for version in self._watched(session, after):
            for milestone in lifecycle.milestones(version):
                rung = _newly_reached(before.schedule, after.schedule, milestone, version, now)
                if rung is not None:
                    outbox.plan_channel(session, after.workspace_id, after.channel_id, rung)


def _newly_reached(
    before: Schedule, after: Schedule, milestone: lifecycle.MilestoneDate, version: FrameworkVersion, now: datetime
) -> Rung | None:
    reached = reminders.reached(now, milestone.day, after, days_off(after))
    earlier = reminders.reached(now, milestone.day, before, days_off(before))
    if reached is None or (earlier is not None and earlier.rung <= reached.rung):
        return None
    return Rung(
        product=version.product,
        framework=version.framework,
        version=version.name,
        milestone=milestone.milestone,
        milestone_date=milestone.day,
        rung=reached.rung,
        due_on=reached.due_on,
        due_at=now,
    )


def _wished(before: Channel, wish: _Wish) -> Channel:
    zone = wish.zone or before.schedule.zone
    hour = wish.hour if wish.hour is not None else before.schedule.hour
    schedule = replace(before.schedule, zone=zone, hour=hour)
    return replace(before, schedule=schedule, zone_set=before.zone_set or wish.zone is not None)


def _read(zone: str | None, hour: str | None) -> _Wish:
    known_zone = _zone(zone) if zone is not None else None
    known_hour = _hour(hour) if hour is not None else None
    problems = []
    if zone is not None and known_zone is None:
        problems.append(f"“{zone[:60]}” is not a time zone: write it like `Asia/Taipei`, `Europe/Berlin` or `UTC`.")
    if hour is not None and known_hour is None:
        problems.append(f"“{hour[:60]}” is not a time of day: write it like `09:30`.")
    return _Wish(known_zone, known_hour, tuple(problems))


def _zone(text: str) -> str | None:
    """The IANA zone of that name in any case; None where there is none."""
    wanted = text.replace(" ", "_").lower()
    if wanted in _ABBREVIATIONS:
        return _ABBREVIATIONS[wanted]
    found = next((name for name in available_timezones() if name.lower() == wanted), None)
    return str(ZoneInfo(found)) if found else None


def _hour(text: str) -> time | None:
    """A time of day; 24 hours, or 12 with am or pm."""
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the clock has twelve hours
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours of a day, minutes of an hour
