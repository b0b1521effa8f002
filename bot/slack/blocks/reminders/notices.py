"""Summaries of a week, and notes to people about channels that can't be reached, drawn."""

from bot import answers
from bot.policy import durations
from bot.slack.blocks import kit, phrases
from storage.facts import Health

MOST_OPEN = 10

_MENDS = {
    Health.OK: "It can be posted to again.",
    Health.NEEDS_INVITE: "dlvm is not in it. Type `/invite @dlvm` there.",
    Health.ARCHIVED: "It was archived. Reminders go on when it is unarchived; otherwise subscribe another channel.",
    Health.UNREACHABLE: "Slack does not show it to dlvm: it may have been made private or deleted."
    " Type `/invite @dlvm` there, or subscribe another channel.",
    Health.BLOCKED_BY_POLICY: "A rule of the workspace or the channel lets only some people post there."
    " Somebody who manages it can let apps post.",
}


def weekly(week: answers.Weekly, message: answers.ReminderMessage) -> list[kit.Block]:
    """What is next, and that somebody still looks."""
    if week.next is not None and week.days_to_next is not None:
        there = f"{phrases.dated(message.day, week.next.milestone_date)}{phrases.mark_of(week.next)}"
        what = f"{phrases.version(week.next.version)}, {there}"
        when = phrases.moment(week.next.at, message.zone)
        quiet = (
            f"Nothing is due for {phrases.days(week.days_to_next)}" if week.days_to_next > 1 else "The next one is near"
        )
        lines = [f"{quiet}: the next reminder comes *{when}*, for {what}."]
    else:
        lines = ["Nothing is ahead: every date of what this channel watches has passed or is not known."]
    versions = "1 version" if week.watched == 1 else f"{week.watched} versions"
    held = f", {week.held_back} remarks" if week.held_back else ""
    as_of = durations.plain_date(message.source.as_of)
    lines.append(f"This channel watches {versions}. The table was last verified as of {as_of}: {week.rows} rows{held}.")
    if week.open:
        lines.append("*Passed, and nobody said that this channel has migrated:*")
        lines += [
            f"• {phrases.version(about[0])}: {phrases.passed(about, message.day, week.by_hand, week.unverified)}"
            for about in week.open[:MOST_OPEN]
        ]
    return [kit.header("This week"), *kit.paragraphs(lines)]


def health(note: answers.HealthNote) -> kit.Message:
    """A person hears that a channel they subscribed can't be reached, and what mends it."""
    where = f"<#{note.about}>"
    return kit.message(
        [
            kit.section(f"Reminders that you subscribed {where} to can’t be posted there. {_MENDS[note.health]}"),
            kit.context(
                "Nothing is lost: what is still useful comes once it can be posted."
                " You are told this once, for as long as the same is the matter."
            ),
        ]
    )


def introduction(told: answers.Introduction) -> kit.Message:
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
