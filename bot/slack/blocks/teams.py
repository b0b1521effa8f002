"""Teams, how far they are, and what channels watch, drawn."""

from collections.abc import Sequence

from bot import answers
from bot.answers import TeamAction
from bot.slack.blocks import kit, phrases
from bot.slack.blocks.permissions import format_mention

MOST_NAMED = 20
"""Channels named in one place."""

MOST_DATES = 15


def render_list(answer: answers.TeamList) -> kit.Message:
    """The answer to `/dlvm team`."""
    make = kit.code("/dlvm team create ml-platform")
    if not answer.teams:
        return kit.message([kit.header("No teams yet"), kit.section(f"To make one: {make}")])
    lines = (
        f"*{kit.code(team.name)}*, {_owner(team)}, {_count(len(team.channels), 'channel')} you may see,"
        f" watches {_targets(team.targets)}"
        for team in answer.teams
    )
    title = kit.header(f"Teams ({len(answer.teams)})")
    show = kit.code(f"/dlvm team {answer.teams[0].name}")
    return kit.message([title, *kit.paragraphs(lines), kit.context(f"{show} shows how far one is; {make} makes one.")])


def render_details(answer: answers.TeamDetails) -> kit.Message:
    """The answer to `/dlvm team NAME`."""
    team = answer.team
    lines = [f"Looked after by {_owner(team)}.", f"*Channels:* {format_channels(team.channels)}."]
    lines.append(f"*Watched by every channel of it:* {_targets(team.targets)}.")
    blocks = [kit.header(f"Team {team.name}"), *kit.paragraphs(lines), kit.divider()]
    blocks += kit.paragraphs((_progress(p, answer) for p in answer.progress[:MOST_DATES]), separator="\n\n")
    if not answer.progress:
        blocks.append(kit.section("No date is ahead of what its channels watch."))
    more = len(answer.progress) - MOST_DATES
    rest = f" {more} later dates are not shown." if more > 0 else ""
    return kit.message([*blocks, kit.context(f"Only channels that you may see are shown and counted.{rest}")])


def _progress(progress: answers.TeamProgress, answer: answers.TeamDetails) -> str:
    date = f"{phrases.format_date(answer.day, progress.milestone_date)}{phrases.format_marks_of(progress)}"
    head = f"*{phrases.format_version(progress.version)}*, {phrases.MILESTONE_NAMES[progress.milestone]}: {date}"
    counts = f"{len(progress.migrated)} migrated, {len(progress.acknowledged)} acknowledged, {len(progress.open)} open"
    left = f". Open: {format_channels(progress.open)}" if progress.open else ""
    known = f". Acknowledged: {format_channels(progress.acknowledged)}" if progress.acknowledged else ""
    return f"{head}\n{counts}{left}{known}."


def render_update(answer: answers.TeamUpdate) -> kit.Message:
    """What was done to a team."""
    name = kit.code(answer.team.name)
    blocks = [kit.section(_unchanged(answer, name) if answer.is_unchanged else _done(answer, name))]
    if answer.action is TeamAction.DELETE:
        return kit.message([*blocks, kit.context("Its channels keep what they watch.")])
    return kit.message([*blocks, kit.context(f"{kit.code(f'/dlvm team {answer.team.name}')} shows how far it is.")])


def _done(answer: answers.TeamUpdate, name: str) -> str:  # noqa: PLR0911 - one case an act is the table it stands for
    match answer.action:
        case TeamAction.CREATE:
            return f"Team {name} is made. Next: {kit.code(f'/dlvm team {answer.team.name} add #channel')}."
        case TeamAction.DELETE:
            return f"Team {name} is no more."
        case TeamAction.OWNER:
            return f"Team {name} is looked after by {_owner(answer.team)}."
        case TeamAction.ADD:
            watch = f" and watches {_targets(answer.targets)} from now on" if answer.targets else ""
            return f"{format_channels(answer.channels)} belongs to team {name}{watch}."
        case TeamAction.REMOVE:
            return f"{format_channels(answer.channels)} left team {name}, and keeps what it watches."
        case TeamAction.SUBSCRIBE:
            return f"Every channel of team {name} watches {_targets(answer.targets)}, and so do those that come later."
        case TeamAction.UNSUBSCRIBE:
            return f"Team {name} and its channels watch {_targets(answer.targets)} no longer."


def _unchanged(answer: answers.TeamUpdate, name: str) -> str:
    match answer.action:
        case TeamAction.CREATE:
            return f"There is a team {name} already; nothing was changed."
        case TeamAction.ADD:
            return f"The channels belong to team {name} already; nothing was changed."
        case TeamAction.REMOVE:
            return f"No such channel belongs to team {name}; nothing was changed."
        case TeamAction.UNSUBSCRIBE:
            return f"Team {name} has no such subscription; nothing was changed."
        case TeamAction.SUBSCRIBE:
            return f"Team {name} watches {_targets(answer.targets)} already."
        case TeamAction.OWNER | TeamAction.DELETE:
            return f"Team {name} is looked after by {_owner(answer.team)} already."


def render_inventory(answer: answers.Inventory) -> kit.Message:
    """The answer to `/dlvm subscriptions all`."""
    pages = f", page {answer.page} of {answer.pages}" if answer.pages > 1 else ""
    title = kit.header(f"What channels watch ({answer.total}){pages}")
    lines = [_line(line, answer) for line in answer.lines] or ["No channel that you may see watches anything."]
    small = kit.context("Public channels and this one; private ones are shown only inside them.")
    return kit.message([title, *kit.paragraphs(lines, separator="\n\n"), *_turns(answer), small])


def _line(line: answers.InventoryLine, answer: answers.Inventory) -> str:
    team = f" (team {', '.join(map(kit.code, line.teams))})" if line.teams else ""
    coming = (
        f"\nNext: {phrases.format_next_reminder(line.next_reminder, answer.zone, answer.day)}."
        if line.next_reminder
        else ""
    )
    return f"<#{line.channel_id}>{team}: {_targets(line.targets)}{coming}"


def _turns(answer: answers.Inventory) -> list[kit.Block]:
    back = [kit.button("Previous page", "inventory_previous", str(answer.page - 1))] if answer.page > 1 else []
    on = [kit.button("Next page", "inventory_next", str(answer.page + 1))] if answer.page < answer.pages else []
    return [kit.actions([*back, *on])] if back or on else []


def format_channels(channel_ids: Sequence[str]) -> str:
    """Channels by name, as Slack shows them; many are counted."""
    named = ", ".join(f"<#{channel_id}>" for channel_id in channel_ids[:MOST_NAMED])
    more = len(channel_ids) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named or "none that you may see"


def _targets(targets: Sequence[str]) -> str:
    named = ", ".join(map(kit.code, targets[:MOST_NAMED]))
    more = len(targets) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named or "nothing by itself"


def _owner(team: answers.TeamLine) -> str:
    return format_mention(team.owner) if team.owner else "nobody"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
