"""Rendering of weekly summaries, notices about unreachable channels, and introductions."""

from bot import answers
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from storage.facts import Health

_MAX_UNMIGRATED = 10


def render_weekly_summary(summary: answers.WeeklySummary, message: answers.ReminderMessage) -> list[kit.Block]:
    """Render the next reminder, the state of the catalogue, and passed dates of versions in use."""
    as_of = durations.format_date(message.source.as_of)
    warnings = f", {phrases.pluralize(summary.quarantined, 'warning')}" if summary.quarantined else ""
    lines = [
        _format_next_reminder(summary, message),
        f"This channel is subscribed to {phrases.pluralize(summary.subscribed_versions, 'version')}.",
        f"Google’s table was last verified as of {as_of}: {summary.table_rows} rows{warnings}.",
    ]
    if summary.unmigrated:
        lines.append("*Passed, and not marked as migrated:*")
    lines += [
        f"• {kit.code(passed[0])}:"
        f" {phrases.format_passed_date(passed, message.day, summary.overridden, summary.unverified)}"
        for passed in summary.unmigrated[:_MAX_UNMIGRATED]
    ]
    return [kit.header("This week"), *kit.paragraphs(lines)]


def _format_next_reminder(summary: answers.WeeklySummary, message: answers.ReminderMessage) -> str:
    reminder = summary.next_reminder
    if reminder is None or summary.days_to_next is None:
        return "No upcoming reminders: all dates of this channel’s subscriptions have passed or are unknown."
    pause = f"Nothing is due for {phrases.pluralize(summary.days_to_next, 'day')}. " if summary.days_to_next > 1 else ""
    day = phrases.format_marked_date(message.day, reminder.milestone_date, reminder)
    moment = phrases.format_moment(reminder.at, message.zone)
    return f"{pause}Next reminder: *{moment}*, for {kit.code(reminder.version)}, {day}."


def render_health(message: answers.HealthMessage) -> kit.Message:
    """Render the direct message about a channel that dlvm can't post in, with the fix."""
    channel = f"<#{message.subject_channel_id}>"
    if message.health is Health.OK:
        return kit.message([kit.section(f"{channel}: {phrases.HEALTH_FIXES[message.health]}")])
    text = f"dlvm can’t post reminders in {channel}, which you subscribed. {phrases.HEALTH_FIXES[message.health]}"
    hint = f"{phrases.NOTHING_IS_LOST} I won’t repeat this while the problem persists."
    return kit.message([kit.section(text), kit.context(hint)])


def render_introduction(message: answers.Introduction) -> kit.Message:
    """Render the introduction in a channel that dlvm was invited to."""
    inviter = f"<@{message.invited_by}> invited me here. " if message.invited_by.startswith(("U", "W")) else ""
    purpose = (
        f"{inviter}I remind channels before a Deep Learning VM framework version loses patches and support, and before"
        " its images can no longer be used."
    )
    start = (
        "Start with `/dlvm subscribe pytorch-2.7`, or see `/dlvm upcoming`. Reminders are sent at"
        f" {message.hour:%H:%M} {kit.escape(message.zone)}; `/dlvm settings` changes that."
    )
    hint = kit.context("Nothing is posted here unless someone subscribes this channel.")
    return kit.message([kit.section(purpose), kit.section(start), hint])
