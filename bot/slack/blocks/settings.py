"""A channel's settings, each with its effect in plain words, drawn."""

from collections.abc import Iterator

from bot import answers
from bot.policy import reminders, time_zones
from bot.slack.blocks import kit, phrases

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def render(answer: answers.ChannelSettings) -> kit.Message:
    """The answer to `/dlvm settings`."""
    title = "Settings changed" if answer.is_changed else "Settings of this channel"
    blocks = [kit.header("Nothing was changed" if answer.errors else title)]
    blocks += kit.paragraphs(kit.escape(sentence) for _, sentence in answer.errors)
    blocks.append(kit.fields([f"*{name}*\n{value}" for name, value in list_values(answer)]))
    blocks += kit.paragraphs(list_next_reminders(answer))
    blocks.append(
        kit.actions([kit.button("Change", "settings_open", "settings", description="Change this channel’s settings")])
    )
    example = kit.code("/dlvm settings zone Asia/Taipei hour 09:30")
    other = kit.code("/dlvm settings ladder 90 30 7 1 0 passed quiet 18:00-09:00 country DE weekly on notes on")
    return kit.message([*blocks, kit.context(f"To change by typing: {example}, {other}.")])


def list_values(answer: answers.ChannelSettings) -> Iterator[tuple[str, str]]:
    """Each setting's name and value, in words."""
    schedule = answer.schedule
    origin = "" if answer.is_zone_set else " (the default)"
    origin = origin if time_zones.is_known(schedule.zone) else " (no longer known: counted as UTC; set another)"
    yield "Time zone", f"{kit.escape(schedule.zone)}{origin}"
    yield "Hour", f"{schedule.hour:%H:%M}"
    yield "Ladder", format_ladder(schedule.ladder)
    off = ", ".join(_WEEKDAYS[day] for day in schedule.days_off) or "none"
    yield "Days off", f"{off}{f', holidays of {schedule.country}' if schedule.country else ''}"
    yield "Quiet hours", f"{answer.quiet.start:%H:%M} to {answer.quiet.end:%H:%M}" if answer.quiet else "none"
    named = format_mention(answer.mention)
    yield "Mention", f"{named}, from {phrases.format_days(answer.mention_from)} before" if named else "nobody"
    yield "Weekly summary", "on the first working day of each week" if answer.weekly else "none"
    unread = (
        "" if answer.are_release_notes_read else "; dlvm does not read them now: whoever runs it can have it read them"
    )
    yield "Release notes", f"what they say of the versions watched here{unread}" if answer.release_notes else "none"


def format_ladder(rungs: tuple[int, ...]) -> str:
    """`90, 30, 7 and 1 days before, on the day, the day after`."""
    before = [str(rung) for rung in rungs if rung > reminders.LAST_DAY]
    parts = [f"{', '.join(before)} days before"] if before else []
    parts += ["on the day"] if reminders.LAST_DAY in rungs else []
    parts += ["the day after"] if reminders.PASSED in rungs else []
    return ", ".join(parts)


def format_mention(who: str) -> str:
    """A mention of a person or user group; nothing for nobody."""
    if not who:
        return ""
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def list_next_reminders(answer: answers.ChannelSettings) -> list[str]:
    """The next reminders as these settings make them."""
    if not answer.next_reminders:
        return ["No reminder is ahead for this channel."]
    today = time_zones.to_local_date(answer.now, answer.schedule.zone)
    lines = [
        f"• {phrases.format_next_reminder(reminder, answer.schedule.zone, today)}" for reminder in answer.next_reminders
    ]
    return ["*Next reminders*", *lines]
