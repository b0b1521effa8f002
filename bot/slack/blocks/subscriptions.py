"""What a channel watches, and when it hears of it, drawn."""

from bot import answers
from bot.policy import durations
from bot.policy.versions import format_target
from bot.slack.blocks import kit, phrases
from storage.facts import Health

_SHOWN_PAST = 3

_TROUBLES = {
    Health.NEEDS_INVITE: "dlvm was refused here: it is not in this channel. Type `/invite @dlvm` here.",
    Health.ARCHIVED: "dlvm was refused here: the channel was archived. Reminders go on when it is unarchived.",
    Health.UNREACHABLE: "dlvm was refused here: Slack does not show it this channel. Type `/invite @dlvm` here.",
    Health.BLOCKED_BY_POLICY: "dlvm was refused here: a rule of the workspace or channel lets only some people post."
    " Somebody who manages it can let apps post; dlvm tries again every day.",
}

_MENDS = {
    answers.ChannelReach.NEEDS_INVITE: "dlvm is not in this channel, so no reminder can be posted: type `/invite @dlvm` here.",
    answers.ChannelReach.ARCHIVED: "This channel is archived, so reminders can’t be posted until it is unarchived.",
    answers.ChannelReach.UNREACHABLE: "dlvm can’t see this channel, so no reminder can be posted: type `/invite @dlvm` here.",
}


def render_reach_problem(reach: answers.ChannelReach) -> list[kit.Block]:
    """Why reminders can't be posted and what to type; nothing where they can."""
    return [kit.section(f"⚠️ *Not reachable yet.* {_MENDS[reach]}")] if reach in _MENDS else []


def render_health_problem(answer: answers.SubscriptionList) -> list[kit.Block]:
    """Since when posts have been refused, why, and what mends it; nothing where they are not."""
    if answer.health is Health.OK or answer.reach in _MENDS:
        return render_reach_problem(answer.reach)
    since = f" since {durations.format_date(answer.health_since)}" if answer.health_since else ""
    reason = f" ({kit.code(answer.health_reason)})" if answer.health_reason else ""
    kept = "Nothing is lost: what is still useful comes once it can be posted."
    return [kit.section(f"⚠️ *Not reachable{since}.* {_TROUBLES[answer.health]}{reason}\n{kept}")]


def render_subscribed(answer: answers.Subscribed) -> kit.Message:
    """The answer to `/dlvm subscribe`."""
    new = [watched for watched in answer.targets if watched.is_new]
    title = "This channel will be reminded" if new else "This channel is reminded of this already"
    blocks = [kit.header(title), *render_reach_problem(answer.reach)]
    blocks += kit.paragraphs((_watched(watched, answer) for watched in answer.targets), separator="\n\n")
    if answer.overlaps:
        names = ", ".join(map(phrases.format_version, answer.overlaps))
        blocks.append(kit.section(f"{names}: covered by a wider subscription too. Each reminder still comes once."))
    return kit.message([*blocks, kit.context(_how(answer))])


def _watched(watched: answers.SubscribedTarget, answer: answers.Subscribed) -> str:
    mark = "" if watched.is_new else " (as before)"
    lines = [f"*{_title(watched.target)}*{mark}"]
    if len(watched.versions) > 1:
        lines[0] += f": {len(watched.versions)} versions now, and those to come"
    if watched.next_reminder is not None:
        named = len(watched.versions) > 1
        lines.append(
            f"Next reminder: {phrases.format_next_reminder(watched.next_reminder, answer.zone, answer.day, with_version=named)}."
        )
    else:
        lines.append("Both dates have passed, so no reminder is ahead." if watched.versions else "")
    lines += _past(watched, answer)
    return "\n".join(line for line in lines if line)


def _past(watched: answers.SubscribedTarget, answer: answers.Subscribed) -> list[str]:
    if len(watched.versions) > 1:
        return [f"Already past: {len(watched.past_dates)} dates of these versions."] if watched.past_dates else []
    return [
        f"Already past: {phrases.format_passed_date(about, answer.day, watched.past_overridden, watched.past_unverified)}."
        for about in watched.past_dates[:_SHOWN_PAST]
    ]


def _title(target: str) -> str:
    return kit.code(target) if "-" in target else f"{kit.code(target)}, {format_target(target)}"


def _how(answer: answers.Subscribed) -> str:
    return (
        f"Reminders come at {answer.hour:%H:%M} ({answer.zone}), on working days:"
        f" {kit.code('/dlvm settings')} changes that, {kit.code('/dlvm subscriptions')} lists all."
    )


def render_unsubscribed(answer: answers.Unsubscribed) -> kit.Message:
    """The answer to `/dlvm unsubscribe`."""
    blocks = []
    if answer.removed:
        blocks.append(
            kit.section(f"No more reminders here about {', '.join(map(phrases.format_version, answer.removed))}.")
        )
    if answer.not_subscribed and not answer.still_covered:
        blocks.append(
            kit.section(
                f"This channel has no subscription to {', '.join(map(phrases.format_version, answer.not_subscribed))}."
            )
        )
    for name, target in answer.still_covered:
        stop = kit.code(f"/dlvm unsubscribe {target}")
        blocks.append(
            kit.section(
                f"{phrases.format_version(name)} is still watched through {kit.code(target)} ({format_target(target)}):"
                f" {stop} ends that."
            )
        )
    if not blocks:
        blocks.append(kit.section("This channel watches nothing, so nothing was changed."))
    left = "1 subscription" if answer.remaining == 1 else f"{answer.remaining} subscriptions"
    return kit.message([*blocks, kit.context(f"{left} left in this channel: {kit.code('/dlvm subscriptions')}.")])


def render_list(answer: answers.SubscriptionList) -> kit.Message:
    """The answer to `/dlvm subscriptions`."""
    if not answer.total:
        start = kit.code("/dlvm subscribe pytorch-2.9")
        return kit.message(
            [
                kit.header("This channel watches nothing"),
                *render_health_problem(answer),
                kit.section(f"To be reminded: {start}"),
            ]
        )
    pages = f", page {answer.page} of {answer.pages}" if answer.pages > 1 else ""
    blocks = [kit.header(f"This channel’s subscriptions ({answer.total}){pages}"), *render_health_problem(answer)]
    blocks += kit.paragraphs((_line(line, answer) for line in answer.lines), separator="\n\n")
    turns = _turns(answer)
    blocks += [kit.actions(turns)] if turns else []
    return kit.message(
        [*blocks, kit.context(f"Times are in {answer.zone}; {kit.code('/dlvm settings')} changes that.")]
    )


def _line(line: answers.SubscriptionLine, answer: answers.SubscriptionList) -> str:
    covers = f", {len(line.versions)} versions" if len(line.versions) > 1 else ""
    by = f"by <@{line.created_by}>" if line.created_by else "from the terminal"
    next_one = (
        f"Next: {phrases.format_next_reminder(line.next_reminder, answer.zone, answer.day, with_version=len(line.versions) > 1)}"
        if line.next_reminder
        else "No reminder ahead: its dates have passed or are not known"
    )
    last = (
        f"last delivered {phrases.format_moment(line.last_delivered, answer.zone)}"
        if line.last_delivered
        else "none delivered yet"
    )
    return f"*{_title(line.target)}*{covers}, {by}, {durations.format_date(line.created_on)}\n{next_one}; {last}."


def _turns(answer: answers.SubscriptionList) -> list[kit.Block]:
    back = [kit.button("Previous page", "subscriptions_previous", str(answer.page - 1))] if answer.page > 1 else []
    on = [kit.button("Next page", "subscriptions_next", str(answer.page + 1))] if answer.page < answer.pages else []
    return back + on
