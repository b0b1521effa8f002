"""Rendering of subscriptions."""

from bot import answers
from bot.answers import HEALTH_BY_REACH, ChannelReach
from bot.policy import durations
from bot.policy.versions import format_target
from bot.slack.blocks import kit, phrases
from storage.facts import Health

_MAX_PASSED = 3


def _render_reach_problem(reach: ChannelReach) -> list[kit.Block]:
    if reach not in HEALTH_BY_REACH:
        return []
    return [kit.section(f"⚠️ *dlvm can’t post here yet.* {phrases.HEALTH_FIXES[HEALTH_BY_REACH[reach]]}")]


def _render_health_problem(answer: answers.SubscriptionList) -> list[kit.Block]:
    if answer.health is Health.OK or answer.reach in HEALTH_BY_REACH:
        return _render_reach_problem(answer.reach)
    since = f" since {durations.format_date(answer.health_since)}" if answer.health_since else ""
    reason = f" ({kit.code(answer.health_reason)})" if answer.health_reason else ""
    fix = f"{phrases.HEALTH_FIXES[answer.health]}{reason}\n{phrases.NOTHING_IS_LOST}"
    return [kit.section(f"⚠️ *dlvm can’t post here{since}.* {fix}")]


def render_subscribed(answer: answers.Subscribed) -> kit.Message:
    """Render the subscribed targets with their next reminders."""
    is_new = any(target.is_new for target in answer.targets)
    title = "Subscribed this channel" if is_new else "This channel is already subscribed"
    blocks = [kit.header(title), *_render_reach_problem(answer.reach)]
    blocks += kit.paragraphs((_format_subscribed(target, answer) for target in answer.targets), separator="\n\n")
    if answer.overlaps:
        text = f"{kit.codes(answer.overlaps)}: also covered by a broader subscription. You get each reminder once."
        blocks.append(kit.section(text))
    hint = (
        f"Reminders are sent at {answer.hour:%H:%M} ({answer.zone}) on working days: {kit.code('/dlvm settings')}"
        f" changes that. {kit.code('/dlvm subscriptions')} lists all."
    )
    return kit.message([*blocks, kit.context(hint)])


def _format_subscribed(target: answers.SubscribedTarget, answer: answers.Subscribed) -> str:
    versions = len(target.versions)
    count = f": {versions} versions, and new ones" if versions > 1 else ""
    lines = [f"*{_format_target(target.target)}*{'' if target.is_new else ' (already subscribed)'}{count}"]
    if target.next_reminder is not None:
        is_wide = versions > 1
        reminder = phrases.format_next_reminder(target.next_reminder, answer.zone, answer.day, with_version=is_wide)
        lines.append(f"Next reminder: {reminder}.")
    elif target.versions:
        lines.append("Both dates have passed, so there are no upcoming reminders.")
    return "\n".join([*lines, *_list_passed_dates(target, answer)])


def _list_passed_dates(target: answers.SubscribedTarget, answer: answers.Subscribed) -> list[str]:
    if len(target.versions) > 1:
        count = len(target.past_dates)
        return [f"Already passed: {phrases.pluralize(count, 'date')} of these versions."] if count else []
    return [
        f"Already passed: {phrases.format_passed_date(d, answer.day, target.past_overridden, target.past_unverified)}."
        for d in target.past_dates[:_MAX_PASSED]
    ]


def _format_target(target: str) -> str:
    return kit.code(target) if "-" in target else f"{kit.code(target)}, {format_target(target)}"


def render_unsubscribed(answer: answers.Unsubscribed) -> kit.Message:
    """Render the removed subscriptions, and the broader ones that still cover a version."""
    lines = []
    if answer.removed:
        lines.append(f"Unsubscribed this channel from {kit.codes(answer.removed)}.")
    if answer.not_subscribed and not answer.still_covered:
        lines.append(f"This channel isn’t subscribed to {kit.codes(answer.not_subscribed)}.")
    lines += [
        f"{kit.code(version)} is still covered by {kit.code(target)} ({format_target(target)}):"
        f" {kit.code(f'/dlvm unsubscribe {target}')} stops that."
        for version, target in answer.still_covered
    ]
    lines = lines or ["This channel has no subscriptions. Nothing was changed."]
    count = phrases.pluralize(answer.remaining, "subscription")
    hint = kit.context(f"{count} left in this channel: {kit.code('/dlvm subscriptions')}.")
    return kit.message([*map(kit.section, lines), hint])


def render_list(answer: answers.SubscriptionList) -> kit.Message:
    """Render a page of the subscriptions of a channel."""
    problem = _render_health_problem(answer)
    if not answer.total:
        text = f"To get reminders: {kit.code('/dlvm subscribe pytorch-2.9')}"
        return kit.message([kit.header("This channel has no subscriptions"), *problem, kit.section(text)])
    page = f", page {answer.page} of {answer.pages}" if answer.pages > 1 else ""
    hint = f"Times are in {answer.zone}; {kit.code('/dlvm settings')} changes that."
    header = kit.header(f"This channel’s subscriptions ({answer.total}){page}")
    lines = kit.paragraphs((_format_line(line, answer) for line in answer.lines), separator="\n\n")
    buttons = kit.page_buttons("subscriptions", answer.page, has_next=answer.page < answer.pages)
    return kit.message([header, *problem, *lines, *buttons, kit.context(hint)])


def _format_line(line: answers.SubscriptionLine, answer: answers.SubscriptionList) -> str:
    versions = len(line.versions)
    count = f", {versions} versions" if versions > 1 else ""
    creator = f"by <@{line.created_by}>" if line.created_by else "from the command line"
    reminder = "no upcoming reminders: its dates have passed or are unknown"
    if line.next_reminder:
        reminder = phrases.format_next_reminder(line.next_reminder, answer.zone, answer.day, with_version=versions > 1)
        reminder = f"next reminder {reminder}"
    sent_at = phrases.format_moment(line.last_delivered, answer.zone) if line.last_delivered else ""
    last = f"last reminder {sent_at}" if sent_at else "none sent yet"
    return (
        f"*{_format_target(line.target)}*{count}, {creator}, {durations.format_date(line.created_on)}\n"
        f"{phrases.capitalize(reminder)}; {last}."
    )
