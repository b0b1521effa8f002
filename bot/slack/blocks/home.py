"""Rendering of the Home tab."""

import json
from collections.abc import Iterable

from bot import answers
from bot.policy import durations
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, phrases

_EVERYTHING = "*"
"""The value of the option that selects everything. Slack refuses empty values."""

_MAX_CHOICES = kit.MAX_OPTIONS - 1
"""One option of a menu is taken by the option for everything."""

_MAX_CHANNELS = 5
_MAX_UNREACHABLE = 10
_MAX_OPEN_DATES = 10
_MAX_PAGE_DIGITS = 5

_UNKNOWN_CHANNELS = "Slack didn’t say in time which channels you’re in, so you only see public ones. Press *Refresh*."
_NO_MATCH = kit.section("No version matches these filters.")
_FIRST_STEPS = (
    kit.section("*Your channels have no subscriptions yet.* Get started:"),
    kit.section(
        "1. Press *Subscribe…* above. Choose the versions you run, and the channel to get reminders in.\n"
        "2. In a private channel, type `/invite @dlvm` so that dlvm can post there.\n"
        "3. Type `/dlvm preview` in the channel to see its upcoming reminders.\n"
        "To look around first: `/dlvm list` shows every version, and `/dlvm status pytorch-2.7` shows one."
    ),
)


def render(answer: answers.Home) -> kit.Block:
    """Render the Home tab. The selection travels in the private metadata."""
    metadata = {"page": answer.page, "framework": answer.framework, "channel": answer.channel_id}
    return {
        "type": "home",
        "callback_id": "home",
        "private_metadata": json.dumps(metadata),
        "blocks": [
            kit.header("Your channels’ framework versions"),
            kit.actions(_list_buttons(answer)),
            *([] if answer.are_channels_known else [kit.context(_UNKNOWN_CHANNELS)]),
            *(_render_content(answer) if answer.subscribed_channels else _FIRST_STEPS),
            kit.context(phrases.format_source(answer.source)),
        ],
    }


def parse_selection(view: kit.Block, action: kit.Block | None = None) -> answers.HomeSelection:
    """Parse the selection of a Home view, changed by an action. Anyone can forge the view, so nothing is trusted."""
    try:
        metadata = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        metadata = {}
    values = {name: str(value)[:100] for name, value in metadata.items()} if isinstance(metadata, dict) else {}
    values |= _parse_action(action or {})
    page = values.get("page", "")
    is_number = page.isascii() and page.isdigit() and len(page) <= _MAX_PAGE_DIGITS
    return answers.HomeSelection(int(page) if is_number else 1, values.get("framework", ""), values.get("channel", ""))


def _parse_action(action: kit.Block) -> dict[str, str]:
    choice = str((action.get("selected_option") or {}).get("value") or "").replace(_EVERYTHING, "")
    match action.get("action_id"):
        case "home_previous" | "home_next":
            return {"page": str(action.get("value") or "")}
        case "home_framework":
            return {"framework": choice, "page": "1"}
        case "home_channel":
            return {"channel": str(action.get("selected_conversation") or choice), "page": "1"}
        case _:
            return {}


def _list_buttons(answer: answers.Home) -> list[kit.Block]:
    buttons = [kit.button("Subscribe…", "subscribe_open", "home", description="Subscribe a channel", style="primary")]
    if answer.channel_id:
        label = kit.truncate(f"Settings of {_format_channel_name(answer, answer.channel_id)}", kit.MAX_OPTION_LENGTH)
        buttons.append(kit.button(label, "home_settings", answer.channel_id))
    return [*buttons, kit.button("Refresh", "home_refresh", "home", description="Refresh Home")]


def _render_content(answer: answers.Home) -> list[kit.Block]:
    problems = [*_render_open_dates(answer), *_render_unreachable(answer)]
    lines = [kit.section(_format_line(line, answer)) for line in answer.lines]
    return [*problems, _render_filters(answer), *(lines or [_NO_MATCH]), *_render_pages(answer)]


def _render_open_dates(answer: answers.Home) -> list[kit.Block]:
    if not answer.open_dates:
        return []
    lines = [
        f"• *{kit.escape(entry.title)}*: {phrases.MILESTONE_NAMES[entry.milestone]}"
        f" {phrases.format_marked_date(answer.day, entry.day, entry)};"
        f" undecided in {phrases.format_channels(entry.channels, _MAX_CHANNELS)}"
        for entry in answer.open_dates[:_MAX_OPEN_DATES]
    ]
    lines += _format_hidden(len(answer.open_dates) - _MAX_OPEN_DATES, "date")
    return [*kit.paragraphs(["*Needs a decision* (within 30 days)", *lines]), kit.divider()]


def _render_unreachable(answer: answers.Home) -> list[kit.Block]:
    if not answer.unreachable:
        return []
    lines = []
    for channel in answer.unreachable[:_MAX_UNREACHABLE]:
        since = f" since {durations.format_date(channel.since)}" if channel.since else ""
        lines.append(f"• <#{channel.channel_id}>{since}: {phrases.HEALTH_FIXES[channel.health]}")
    lines += _format_hidden(len(answer.unreachable) - _MAX_UNREACHABLE, "channel")
    return [*kit.paragraphs(["*Unreachable channels* (reminders are queued)", *lines]), kit.divider()]


def _format_hidden(count: int, noun: str) -> list[str]:
    return [f"and {phrases.pluralize(count, f'more {noun}')}"] if count > 0 else []


def _render_filters(answer: answers.Home) -> kit.Block:
    frameworks = [(framework, format_framework(framework)) for framework in answer.frameworks]
    framework_menu = _render_menu("home_framework", "All frameworks", frameworks, answer.framework)
    if len(answer.channels) > _MAX_CHOICES:
        channel_menu: kit.Block = {
            "type": "conversations_select",
            "action_id": "home_channel",
            "placeholder": kit.plain("Choose a channel"),
            "filter": {"include": ["public", "private"]},
        } | ({"initial_conversation": answer.channel_id} if answer.channel_id else {})
    else:
        channels = [(c.channel_id, _format_channel_name(answer, c.channel_id)) for c in answer.channels]
        channel_menu = _render_menu("home_channel", "All channels", channels, answer.channel_id)
    return kit.actions([framework_menu, channel_menu])


def _render_menu(action_id: str, everything: str, choices: Iterable[tuple[str, str]], selected: str) -> kit.Block:
    options = [kit.option(everything, _EVERYTHING), *(kit.option(label, value) for value, label in choices)]
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": kit.plain(everything),
        "options": options,
        "initial_option": next((option for option in options if option["value"] == selected), options[0]),
    }


def _format_channel_name(answer: answers.Home, channel_id: str) -> str:
    """Format a channel in plain text, which has no mentions; by its id if the name is unknown."""
    names = {channel.channel_id: channel.name for channel in answer.channels}
    return f"#{names[channel_id]}" if names.get(channel_id) else channel_id


def _format_line(line: answers.HomeLine, answer: answers.Home) -> str:
    if line.next_date is None or line.next_milestone is None:
        next_date = "no upcoming dates"
    else:
        day = phrases.format_marked_date(answer.day, line.next_date, line)
        next_date = f"{phrases.MILESTONE_NAMES[line.next_milestone]} *{day}*"
    return (
        f"*{kit.escape(line.title)}* ({kit.code(line.version)}), {phrases.STATE_NAMES[line.state]}; {next_date}\n"
        f"Subscribed: {phrases.format_channels(line.channels, _MAX_CHANNELS)}"
    )


def _render_pages(answer: answers.Home) -> list[kit.Block]:
    if answer.pages == 1:
        return []
    position = f"Page {answer.page} of {answer.pages}, {phrases.pluralize(answer.total, 'version')}"
    buttons = kit.page_buttons("home", answer.page, has_next=answer.page < answer.pages)
    return [*buttons, kit.context(position)]
