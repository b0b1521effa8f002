"""Home, drawn."""

import json
from collections.abc import Iterable
from typing import Any

from bot import answers
from bot.policy import durations
from bot.policy.versions import format_framework
from bot.slack.blocks import kit, phrases
from storage.facts import Health

_MOST_OPTIONS = 99
"""Beside the one for all of them."""

_MOST_NAMED = 5
_MOST_ILL = 10
_MOST_OPEN = 10
_EVERYTHING = "*"
_LONGEST_OPTION = 75

_MENDS = {
    Health.NEEDS_INVITE: "dlvm is not in it: type `/invite @dlvm` there.",
    Health.ARCHIVED: "it is archived: reminders go on when it is unarchived.",
    Health.UNREACHABLE: "Slack does not show it to dlvm: type `/invite @dlvm` there.",
    Health.BLOCKED_BY_POLICY: "a rule lets only some people post: somebody who manages it can let apps post.",
}


def render(answer: answers.Home) -> kit.Block:
    """The Home tab; what is shown of it travels along."""
    return {
        "type": "home",
        "callback_id": "home",
        "private_metadata": json.dumps(
            {"page": answer.page, "framework": answer.framework, "channel": answer.channel_id}
        ),
        "blocks": [
            kit.header("Framework versions your channels watch"),
            kit.actions(_buttons(answer)),
            *_unasked(answer),
            *(_content(answer) if answer.subscribed_channels else _first_steps()),
            kit.context(phrases.format_source(answer.source)),
        ],
    }


def parse_selection(view: kit.Block, action: kit.Block | None = None) -> answers.HomeSelection:
    """What a person wants to see: what the view says it shows, changed by what they did; nothing of it is trusted."""
    try:
        shown = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        shown = {}
    said = {name: str(value)[:100] for name, value in shown.items()} if isinstance(shown, dict) else {}
    said |= _changed(action or {})
    page = said.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1  # noqa: PLR2004 - no Home has so many
    return answers.HomeSelection(number, said.get("framework", ""), said.get("channel", ""))


def _changed(action: kit.Block) -> dict[str, str]:
    chosen = str((action.get("selected_option") or {}).get("value") or "").replace(_EVERYTHING, "")
    match action.get("action_id"):
        case "home_previous" | "home_next":
            return {"page": str(action.get("value") or "")}
        case "home_framework":
            return {"framework": chosen, "page": "1"}
        case "home_channel":
            return {"channel": str(action.get("selected_conversation") or chosen), "page": "1"}
        case _:
            return {}


def _buttons(answer: answers.Home) -> list[kit.Block]:
    found = [kit.button("Subscribe…", "subscribe_open", "home", description="Subscribe a channel", style="primary")]
    if answer.channel_id:
        name = _name(answer, answer.channel_id)
        label = kit.truncate(f"Settings of {name}", _LONGEST_OPTION)
        found.append(kit.button(label, "home_settings", answer.channel_id))
    return [*found, kit.button("Refresh", "home_refresh", "home", description="Show Home as it is now")]


def _unasked(answer: answers.Home) -> list[kit.Block]:
    if answer.are_channels_known:
        return []
    return [kit.context("Slack did not say in time which channels you are in, so only public ones are shown. Refresh.")]


def _first_steps() -> list[kit.Block]:
    return [
        kit.section("*Your channels watch nothing yet.* What to do first:"),
        kit.section(
            "1. Press *Subscribe…* above, and choose the versions you run and the channel to be reminded in.\n"
            "2. In a private channel, type `/invite @dlvm`, so that it can post there.\n"
            "3. Type `/dlvm preview` in the channel to see which reminders come when.\n"
            "To look around first: `/dlvm list` shows every version, `/dlvm status pytorch-2.7` one of them."
        ),
    ]


def _content(answer: answers.Home) -> list[kit.Block]:
    return [*_open_dates(answer), *_ill(answer), *_filters(answer), *_lines(answer), *_turns(answer)]


def _open_dates(answer: answers.Home) -> list[kit.Block]:
    if not answer.open_dates:
        return []
    lines = [
        f"• *{kit.escape(one.title)}*: {phrases.MILESTONE_NAMES[one.milestone]} {phrases.format_date(answer.day, one.day)}"
        f"{phrases.format_marks_of(one)};"
        f" nothing decided in {_channels(one.channels)}"
        for one in answer.open_dates[:_MOST_OPEN]
    ]
    lines += _more(len(answer.open_dates) - _MOST_OPEN, "dates")
    return [*kit.paragraphs(["*Needs a decision*: a date within 30 days", *lines]), kit.divider()]


def _ill(answer: answers.Home) -> list[kit.Block]:
    if not answer.unreachable:
        return []
    lines = []
    for one in answer.unreachable[:_MOST_ILL]:
        since = f" since {durations.format_date(one.since)}" if one.since else ""
        lines.append(f"• <#{one.channel_id}>{since}: {_MENDS[one.health]}")
    lines += _more(len(answer.unreachable) - _MOST_ILL, "channels")
    return [*kit.paragraphs(["*Can’t be reached*: reminders wait, none is lost", *lines]), kit.divider()]


def _more(count: int, what: str) -> list[str]:
    return [f"and {count} more {what}"] if count > 0 else []


def _filters(answer: answers.Home) -> list[kit.Block]:
    frameworks = [(framework, format_framework(framework)) for framework in answer.frameworks]
    by_framework = _select("home_framework", "Every framework", frameworks, answer.framework)
    if len(answer.channels) > _MOST_OPTIONS:
        by_channel: kit.Block = {
            "type": "conversations_select",
            "action_id": "home_channel",
            "placeholder": kit.plain("Choose a channel"),
            "filter": {"include": ["public", "private"]},
        } | ({"initial_conversation": answer.channel_id} if answer.channel_id else {})
    else:
        channels = [(one.channel_id, _name(answer, one.channel_id)) for one in answer.channels]
        by_channel = _select("home_channel", "Every channel", channels, answer.channel_id)
    return [{"type": "actions", "elements": [by_framework, by_channel]}]


def _select(action_id: str, everything: str, choices: Iterable[tuple[str, str]], chosen: str) -> kit.Block:
    options = [_option(_EVERYTHING, everything), *(_option(value, text) for value, text in choices)]
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": kit.plain(everything),
        "options": options,
        "initial_option": next((each for each in options if each["value"] == chosen), options[0]),
    }


def _option(value: str, text: str) -> dict[str, Any]:
    return {"text": kit.plain(kit.truncate(text, _LONGEST_OPTION)), "value": value}


def _name(answer: answers.Home, channel_id: str) -> str:
    """A channel's name where a mention can't stand; its id where nobody told it."""
    names = {one.channel_id: one.name for one in answer.channels}
    return f"#{names[channel_id]}" if names.get(channel_id) else channel_id


def _lines(answer: answers.Home) -> list[kit.Block]:
    if not answer.lines:
        return [kit.section("No version passes these filters.")]
    return [kit.section(_line(line, answer)) for line in answer.lines]


def _line(line: answers.HomeLine, answer: answers.Home) -> str:
    state = phrases.STATE_NAMES[line.state]
    if line.next_date is None or line.next_milestone is None:
        when = "no date is ahead"
    else:
        left = phrases.format_days_left(answer.day, line.next_date)
        there = f"{phrases.format_date(answer.day, line.next_date)}{phrases.format_marks_of(line)}"
        when = f"*{left}*: {phrases.MILESTONE_NAMES[line.next_milestone]} {there}"
    return (
        f"*{kit.escape(line.title)}* ({phrases.format_version(line.version)}), {state}; {when}\n"
        f"Watched in {_channels(line.channels)}"
    )


def _channels(ids: tuple[str, ...]) -> str:
    shown = ", ".join(f"<#{each}>" for each in ids[:_MOST_NAMED])
    return f"{shown} and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else shown


def _turns(answer: answers.Home) -> list[kit.Block]:
    if answer.pages == 1:
        return []
    back = [kit.button("Previous page", "home_previous", str(answer.page - 1))] if answer.page > 1 else []
    on = [kit.button("Next page", "home_next", str(answer.page + 1))] if answer.page < answer.pages else []
    where = f"Page {answer.page} of {answer.pages}, {answer.total} versions"
    return [kit.actions([*back, *on]), kit.context(where)]
