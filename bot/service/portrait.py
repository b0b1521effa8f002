"""A channel's settings as a person would type them: what `wishes` reads again as the same settings."""

from bot.policy import reminders
from storage.facts import Channel

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def written(channel: Channel) -> dict[str, str]:
    """Each setting's name and text."""
    schedule, quiet = channel.schedule, channel.quiet
    return {
        "zone": schedule.zone,
        "hour": f"{schedule.hour:%H:%M}",
        "ladder": " ".join("passed" if rung == reminders.PASSED else str(rung) for rung in schedule.ladder),
        "days-off": " ".join(_WEEKDAYS[day] for day in schedule.days_off) or "none",
        "country": schedule.country or "none",
        "quiet": f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else "none",
        "mention": channel.mention or "nobody",
        "from": str(channel.mention_from),
        "weekly": "on" if channel.weekly else "off",
        "notes": "on" if channel.notes else "off",
    }


def differences(before: Channel, after: Channel) -> tuple[tuple[str, str, str], ...]:
    """(setting, before, after) of what differs."""
    then, now = written(before), written(after)
    return tuple((name, then[name], now[name]) for name in now if then[name] != now[name])
