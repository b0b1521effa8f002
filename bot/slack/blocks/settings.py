"""A channel's settings, each with its effect in plain words, drawn."""

from collections.abc import Iterator

from bot import answers
from bot.policy import reminders, time_zones
from bot.slack.blocks import kit, phrases

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def settings(answer: answers.ChannelSettings) -> kit.Message:
    """The answer to `/dlvm settings`."""
    title = "Settings changed" if answer.changed else "Settings of this channel"
    blocks = [kit.header("Nothing was changed" if answer.problems else title)]
    blocks += kit.paragraphs(kit.escape(sentence) for _, sentence in answer.problems)
    blocks.append(kit.fields([f"*{name}*\n{value}" for name, value in described(answer)]))
    blocks += kit.paragraphs(preview(answer))
    blocks.append(
        kit.actions([kit.button("Change", "settings_open", "settings", describe="Change this channel’s settings")])
    )
    example = kit.code("/dlvm settings zone Asia/Taipei hour 09:30")
    other = kit.code("/dlvm settings ladder 90 30 7 1 0 passed quiet 18:00-09:00 country DE weekly on notes on")
    return kit.message([*blocks, kit.context(f"To change by typing: {example}, {other}.")])


def described(answer: answers.ChannelSettings) -> Iterator[tuple[str, str]]:
    """Each setting's name and value, in words."""
    schedule = answer.schedule
    origin = "" if answer.zone_set else " (the default)"
    origin = origin if time_zones.is_known(schedule.zone) else " (no longer known: counted as UTC; set another)"
    yield "Time zone", f"{kit.escape(schedule.zone)}{origin}"
    yield "Hour", f"{schedule.hour:%H:%M}"
    yield "Ladder", ladder(schedule.ladder)
    off = ", ".join(_WEEKDAYS[day] for day in schedule.days_off) or "none"
    yield "Days off", f"{off}{f', holidays of {schedule.country}' if schedule.country else ''}"
    yield "Quiet hours", f"{answer.quiet.start:%H:%M} to {answer.quiet.end:%H:%M}" if answer.quiet else "none"
    named = mention(answer.mention)
    yield "Mention", f"{named}, from {phrases.days(answer.mention_from)} before" if named else "nobody"
    yield "Weekly summary", "on the first working day of each week" if answer.weekly else "none"
    unread = "" if answer.notes_read else "; dlvm does not read them now: whoever runs it can have it read them"
    yield "Release notes", f"what they say of the versions watched here{unread}" if answer.notes else "none"


def ladder(rungs: tuple[int, ...]) -> str:
    """`90, 30, 7 and 1 days before, on the day, the day after`."""
    before = [str(rung) for rung in rungs if rung > reminders.LAST_DAY]
    parts = [f"{', '.join(before)} days before"] if before else []
    parts += ["on the day"] if reminders.LAST_DAY in rungs else []
    parts += ["the day after"] if reminders.PASSED in rungs else []
    return ", ".join(parts)


def mention(who: str) -> str:
    """A mention of a person or user group; nothing for nobody."""
    if not who:
        return ""
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def preview(answer: answers.ChannelSettings) -> list[str]:
    """The next reminders as these settings make them."""
    if not answer.next:
        return ["No reminder is ahead for this channel."]
    today = time_zones.day(answer.now, answer.schedule.zone)
    lines = [f"• {phrases.next_reminder(reminder, answer.schedule.zone, today)}" for reminder in answer.next]
    return ["*Next reminders*", *lines]
