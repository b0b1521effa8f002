"""Summaries of a week, and notes to people about channels that can't be reached, drawn."""

from bot import answers
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from storage.facts import Health

MAX_UNMIGRATED = 10

_MENDS = {
    Health.OK: "It can be posted to again.",
    Health.NEEDS_INVITE: "dlvm is not in it. Type `/invite @dlvm` there.",
    Health.ARCHIVED: "It was archived. Reminders go on when it is unarchived; otherwise subscribe another channel.",
    Health.UNREACHABLE: "Slack does not show it to dlvm: it may have been made private or deleted."
    " Type `/invite @dlvm` there, or subscribe another channel.",
    Health.BLOCKED_BY_POLICY: "A rule of the workspace or the channel lets only some people post there."
    " Somebody who manages it can let apps post.",
}


def render_weekly_summary(week: answers.WeeklySummary, message: answers.ReminderMessage) -> list[kit.Block]:
    """What is next, and that somebody still looks."""
    if week.next_reminder is not None and week.days_to_next is not None:
        there = f"{phrases.format_date(message.day, week.next_reminder.milestone_date)}{phrases.format_marks_of(week.next_reminder)}"
        what = f"{phrases.format_version(week.next_reminder.version)}, {there}"
        when = phrases.format_moment(week.next_reminder.at, message.zone)
        quiet = (
            f"Nothing is due for {phrases.format_days(week.days_to_next)}"
            if week.days_to_next > 1
            else "The next one is near"
        )
        lines = [f"{quiet}: the next reminder comes *{when}*, for {what}."]
    else:
        lines = ["Nothing is ahead: every date of what this channel watches has passed or is not known."]
    versions = "1 version" if week.subscribed_versions == 1 else f"{week.subscribed_versions} versions"
    held = f", {week.quarantined} remarks" if week.quarantined else ""
    as_of = durations.format_date(message.source.as_of)
    lines.append(
        f"This channel watches {versions}. The table was last verified as of {as_of}: {week.table_rows} rows{held}."
    )
    if week.unmigrated:
        lines.append("*Passed, and nobody said that this channel has migrated:*")
        lines += [
            f"• {phrases.format_version(about[0])}: {phrases.format_passed_date(about, message.day, week.overridden, week.unverified)}"
            for about in week.unmigrated[:MAX_UNMIGRATED]
        ]
    return [kit.header("This week"), *kit.paragraphs(lines)]


def render_health(note: answers.HealthMessage) -> kit.Message:
    """A person hears that a channel they subscribed can't be reached, and what mends it."""
    where = f"<#{note.subject_channel_id}>"
    return kit.message(
        [
            kit.section(f"Reminders that you subscribed {where} to can’t be posted there. {_MENDS[note.health]}"),
            kit.context(
                "Nothing is lost: what is still useful comes once it can be posted."
                " You are told this once, for as long as the same is the matter."
            ),
        ]
    )


def render_introduction(told: answers.Introduction) -> kit.Message:
    """A channel hears once what the bot that joined it does, and who let it in."""
    who = f"<@{told.invited_by}> invited me here. " if told.invited_by.startswith(("U", "W")) else ""
    return kit.message(
        [
            kit.section(
                f"{who}I remind channels before a Deep Learning VM framework version loses patches and support,"
                " and before its images can no longer be used."
            ),
            kit.section(
                "Begin with `/dlvm subscribe pytorch-2.7`, or ask `/dlvm upcoming`."
                f" Reminders come at {told.hour:%H:%M} {kit.escape(told.zone)}; `/dlvm settings` changes that."
            ),
            kit.context("I say this once. Nothing is posted here unless somebody subscribes this channel."),
        ]
    )
