"""Rendering of the settings of a channel."""

from collections.abc import Iterator

from bot import answers
from bot.policy import reminders, time_zones
from bot.policy.durations import WEEKDAYS
from bot.slack.blocks import kit, phrases


def render(answer: answers.ChannelSettings) -> kit.Message:
    """Render the settings, or what is wrong with new ones."""
    title = "Settings updated" if answer.is_changed else "Channel settings"
    blocks = [kit.header("Nothing was changed" if answer.errors else title)]
    blocks += kit.paragraphs(kit.escape(sentence) for _, sentence in answer.errors)
    blocks += render_values(answer)
    blocks.append(
        kit.actions([kit.button("Change", "settings_open", "settings", description="Change this channel’s settings")])
    )
    examples = kit.codes(
        [
            "/dlvm settings zone Asia/Taipei hour 09:30",
            "/dlvm settings ladder 90 30 7 1 0 passed quiet 18:00-09:00 country DE weekly on notes on",
        ]
    )
    return kit.message([*blocks, kit.context(f"To change them with a command: {examples}.")])


def render_values(answer: answers.ChannelSettings) -> list[kit.Block]:
    """Render each setting with its value, and the next reminders."""
    values = [f"*{name}*\n{value}" for name, value in _list_values(answer)]
    return [kit.fields(values), *kit.paragraphs(list_next_reminders(answer))]


def _list_values(answer: answers.ChannelSettings) -> Iterator[tuple[str, str]]:
    schedule = answer.schedule
    yield "Time zone", f"{kit.escape(schedule.zone)}{_format_zone_remark(answer)}"
    yield "Hour", f"{schedule.hour:%H:%M}"
    yield "Schedule", _format_ladder(schedule.ladder)
    days_off = ", ".join(WEEKDAYS[day][:3] for day in schedule.days_off) or "none"
    yield "Days off", f"{days_off}{f', public holidays in {schedule.country}' if schedule.country else ''}"
    yield "Quiet hours", f"{answer.quiet.start:%H:%M} to {answer.quiet.end:%H:%M}" if answer.quiet else "none"
    mention = phrases.format_mention(answer.mention)
    from_day = phrases.pluralize(answer.mention_from, "day")
    yield "Mention", f"{mention}, from {from_day} before a date" if mention else "no one"
    yield "Weekly summary", "on the first working day of each week" if answer.weekly else "off"
    yield "Release notes", f"on{_format_release_notes_remark(answer)}" if answer.release_notes else "off"


def _format_zone_remark(answer: answers.ChannelSettings) -> str:
    if not time_zones.is_known(answer.schedule.zone):
        return " (no longer a known zone: using UTC; set another)"
    return "" if answer.is_zone_set else " (default)"


def _format_release_notes_remark(answer: answers.ChannelSettings) -> str:
    if answer.are_release_notes_read:
        return ", for subscribed versions"
    return ". Release notes are turned off on this server; ask your dlvm admin to enable them."


def _format_ladder(ladder: tuple[int, ...]) -> str:
    """Format when reminders are sent: `90, 30, 7 days before, on the day, the day after`."""
    days = [str(rung) for rung in ladder if rung > reminders.LAST_DAY]
    parts = [f"{', '.join(days)} days before"] if days else []
    parts += ["on the day"] if reminders.LAST_DAY in ladder else []
    parts += ["the day after"] if reminders.PASSED in ladder else []
    return ", ".join(parts)


def list_next_reminders(answer: answers.ChannelSettings) -> list[str]:
    """Format the next reminders that follow from the settings."""
    if not answer.next_reminders:
        return ["No upcoming reminders in this channel."]
    zone = answer.schedule.zone
    today = time_zones.to_local_date(answer.now, zone)
    lines = [f"• {phrases.format_next_reminder(reminder, zone, today)}" for reminder in answer.next_reminders]
    return ["*Next reminders*", *lines]
