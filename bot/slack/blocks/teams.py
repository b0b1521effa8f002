"""Rendering of teams, their migration progress, and the inventory of subscriptions."""

from collections.abc import Sequence

from bot import answers
from bot.answers import TeamAction
from bot.slack.blocks import kit, phrases

_MAX_DATES = 15


def render_list(answer: answers.TeamList) -> kit.Message:
    """Render the teams of a workspace."""
    create = kit.code("/dlvm team create ml-platform")
    if not answer.teams:
        return kit.message([kit.header("No teams yet"), kit.section(f"To create one: {create}")])
    lines = (
        f"*{kit.code(team.name)}*: {_format_owner(team)}, {phrases.pluralize(len(team.channels), 'visible channel')},"
        f" subscriptions: {_format_targets(team.targets)}"
        for team in answer.teams
    )
    hint = f"{kit.code(f'/dlvm team {answer.teams[0].name}')} shows progress; {create} creates a team."
    return kit.message([kit.header(f"Teams ({len(answer.teams)})"), *kit.paragraphs(lines), kit.context(hint)])


def render_details(answer: answers.TeamDetails) -> kit.Message:
    """Render a team with its migration progress."""
    team = answer.team
    lines = [
        f"{phrases.capitalize(_format_owner(team))}.",
        f"*Channels:* {_format_channels(team.channels)}.",
        f"*Subscriptions of every channel:* {_format_targets(team.targets)}.",
    ]
    blocks = [kit.header(f"Team {team.name}"), *kit.paragraphs(lines), kit.divider()]
    progress = [_format_progress(entry, answer) for entry in answer.progress[:_MAX_DATES]]
    blocks += kit.paragraphs(progress or ["No upcoming dates for its channels’ subscriptions."], separator="\n\n")
    hidden = len(answer.progress) - _MAX_DATES
    rest = f" {phrases.pluralize(hidden, 'later date')} not shown." if hidden > 0 else ""
    return kit.message([*blocks, kit.context(f"Only channels you can see are shown and counted.{rest}")])


def _format_progress(progress: answers.TeamProgress, answer: answers.TeamDetails) -> str:
    day = phrases.format_marked_date(answer.day, progress.milestone_date, progress)
    heading = f"*{kit.code(progress.version)}*, {phrases.MILESTONE_NAMES[progress.milestone]}: {day}"
    counts = f"{len(progress.migrated)} migrated, {len(progress.acknowledged)} acknowledged, {len(progress.open)} open"
    undecided = f". Open: {_format_channels(progress.open)}" if progress.open else ""
    acknowledged = f". Acknowledged: {_format_channels(progress.acknowledged)}" if progress.acknowledged else ""
    return f"{heading}\n{counts}{undecided}{acknowledged}."


def render_update(answer: answers.TeamUpdate) -> kit.Message:
    """Render the result of changing a team."""
    targets, command = _format_targets(answer.targets), f"/dlvm team {answer.team.name}"
    text = (_NO_UPDATES if answer.is_unchanged else _UPDATES)[answer.action].format(
        name=kit.code(answer.team.name),
        owner=_format_owner(answer.team),
        channels=_format_channels(answer.channels),
        targets=targets,
        subscribed=f", and subscribed to {targets}" if answer.targets else "",
        add=kit.code(f"{command} add #channel"),
    )
    is_deleted = answer.action is TeamAction.DELETE
    hint = "Its channels keep their subscriptions." if is_deleted else f"{kit.code(command)} shows progress."
    return kit.message([kit.section(text), kit.context(hint)])


_UPDATES = {
    TeamAction.CREATE: "Created team {name}. Next: {add}.",
    TeamAction.DELETE: "Deleted team {name}.",
    TeamAction.OWNER: "Team {name}: {owner}.",
    TeamAction.ADD: "Added to team {name}{subscribed}: {channels}.",
    TeamAction.REMOVE: "Removed from team {name}: {channels}. Existing subscriptions are kept.",
    TeamAction.SUBSCRIBE: "Subscribed every channel of team {name} to {targets}. Channels you add later are subscribed"
    " too.",
    TeamAction.UNSUBSCRIBE: "Unsubscribed team {name} and its channels from {targets}.",
}
_NO_UPDATES = {
    TeamAction.CREATE: "Team {name} already exists. Nothing was changed.",
    TeamAction.DELETE: "Team {name} already has this owner. Nothing was changed.",
    TeamAction.OWNER: "Team {name} already has this owner. Nothing was changed.",
    TeamAction.ADD: "The channels are already in team {name}. Nothing was changed.",
    TeamAction.REMOVE: "None of these channels is in team {name}. Nothing was changed.",
    TeamAction.SUBSCRIBE: "Team {name} is already subscribed to {targets}.",
    TeamAction.UNSUBSCRIBE: "Team {name} isn’t subscribed to this. Nothing was changed.",
}


def render_inventory(answer: answers.Inventory) -> kit.Message:
    """Render a page of the subscriptions in every channel that the user can see."""
    page = f", page {answer.page} of {answer.pages}" if answer.pages > 1 else ""
    lines = [_format_line(line, answer) for line in answer.lines] or ["No channel you can see has subscriptions."]
    header = kit.header(f"Subscriptions by channel ({answer.total}){page}")
    buttons = kit.page_buttons("inventory", answer.page, has_next=answer.page < answer.pages)
    hint = kit.context("Shows public channels and this one. Other private channels are never listed.")
    return kit.message([header, *kit.paragraphs(lines, separator="\n\n"), *buttons, hint])


def _format_line(line: answers.InventoryLine, answer: answers.Inventory) -> str:
    teams = f" (team {kit.codes(line.teams)})" if line.teams else ""
    reminder = ""
    if line.next_reminder:
        reminder = f"\nNext reminder: {phrases.format_next_reminder(line.next_reminder, answer.zone, answer.day)}."
    return f"<#{line.channel_id}>{teams}: {_format_targets(line.targets)}{reminder}"


def _format_channels(channel_ids: Sequence[str]) -> str:
    return phrases.format_channels(channel_ids) or "none you can see"


def _format_targets(targets: Sequence[str]) -> str:
    return phrases.join_limited([kit.code(target) for target in targets]) or "none"


def _format_owner(team: answers.TeamLine) -> str:
    return f"owner {phrases.format_mention(team.owner)}" if team.owner else "no owner"
