"""The form for subscribing, what it offers, and what it says when it is done; drawn."""

from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy import versions as matching
from bot.policy.lifecycle import LifecycleState
from bot.service.versions.resolve import MAX_TARGETS
from bot.slack.blocks import kit, phrases, subscriptions
from storage.facts import ALL, Milestone

FORM = "subscribe_form"
"""The callback id of the modal."""

VERSIONS, CHANNEL, LADDER, MENTION = "versions", "channel", "ladder", "mention"
"""Its fields."""

LADDER_PRESETS = {
    "keep": ("As the channel’s settings are", ""),
    "default": ("From half a year on: 180 … 1, 0, passed", "default"),
    "quarter": ("From three months on: 90 30 14 7 3 1 0 passed", "90 30 14 7 3 1 0 passed"),
    "month": ("Sparingly: 30 7 1 0 passed", "30 7 1 0 passed"),
}
"""Each preset with its words and the ladder it sets; none for leaving it."""

_MOST_OPTIONS = 100
_LONGEST_OPTION = 75

_ENDS = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "patches end",
    Milestone.END_OF_AVAILABILITY: "images go",
}


def render_form() -> kit.Block:
    """The form; the channel is the one the person looks at, else they pick it."""
    channel = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": kit.plain("Choose a channel"),
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"]},
    }
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": kit.plain("Subscribe a channel"),
        "submit": kit.plain("Subscribe"),
        "close": kit.plain("Cancel"),
        "blocks": [
            _field(VERSIONS, "Versions", _versions(), "Type to search; those whose date comes soonest are first."),
            _field(CHANNEL, "Channel", channel, _WHERE),
            _field(LADDER, "Ladder", _ladders(), "How many days before each date a reminder comes. " + _FOR_ALL),
            _field(MENTION, "Mention", _people(), "Who is named as a date comes near. " + _FOR_ALL, optional=True),
        ],
    }


_WHERE = "Where the reminders come. dlvm has to be in a private channel to post there."
_FOR_ALL = "It holds for all this channel watches."


def _versions() -> kit.Block:
    return {
        "type": "multi_external_select",
        "action_id": VERSIONS,
        "placeholder": kit.plain("pytorch 2.7, tf 2.17, …"),
        "min_query_length": 0,
        "max_selected_items": MAX_TARGETS,
        "focus_on_load": True,
    }


def _ladders() -> kit.Block:
    options = [{"text": kit.plain(text), "value": name} for name, (text, _) in LADDER_PRESETS.items()]
    return {"type": "static_select", "action_id": LADDER, "options": options, "initial_option": options[0]}


def _people() -> kit.Block:
    return {"type": "users_select", "action_id": MENTION, "placeholder": kit.plain("Choose a person")}


def _field(name: str, label: str, element: kit.Block, hint: str, *, optional: bool = False) -> kit.Block:
    return {
        "type": "input",
        "block_id": name,
        "label": kit.plain(label),
        "hint": kit.plain(hint),
        "element": element,
        "optional": optional,
    }


def list_options(offered: answers.VersionList, typed: str) -> list[kit.Block]:
    """Versions to choose from, then whole frameworks and everything, as far as they fit what was typed."""
    frameworks = sorted({line.version.partition("-")[0] for line in offered.lines})
    titles = {target: matching.format_target(target) for target in (*frameworks, ALL)}
    wider = [(target, title) for target, title in titles.items() if typed.lower() in title.lower()]
    found = [_option(line.version, _version(line, offered.day)) for line in offered.lines[: _MOST_OPTIONS - len(wider)]]
    return found + [_option(target, f"E{title[1:]}, new ones too") for target, title in wider]


def _option(value: str, text: str) -> kit.Block:
    return {"text": kit.plain(kit.truncate(text, _LONGEST_OPTION)), "value": value}


def _version(line: answers.VersionLine, today: date) -> str:
    """`pytorch-2.7: patches end 13 Apr 2027, 141 days left`."""
    if line.next_milestone is None or line.next_date is None:
        gone = line.state is LifecycleState.UNAVAILABLE
        return f"{line.version}: {'no longer available' if gone else 'no date is known'}"
    when = f"{durations.format_date(line.next_date)}, {phrases.format_days_left(today, line.next_date)}"
    next_one = line.next_milestone
    mark = phrases.format_marks(is_overridden=next_one in line.overridden, is_unverified=next_one in line.unverified)
    return f"{line.version}: {_ENDS[next_one]} {when}{mark}"


_CAN_POST = {
    answers.ChannelReach.OK: "dlvm can post there.",
    answers.ChannelReach.UNCHECKED: "Slack did not say in time whether dlvm can post there: `/dlvm subscriptions` tells.",
}


def render_done(answer: answers.Subscribed, channel_id: str) -> kit.Block:
    """What the channel watches now, what comes next, what is past, and whether the bot can post there."""
    said = _CAN_POST.get(answer.reach, "dlvm can’t post there yet.")
    return _closing(
        "Subscribed", [kit.section(f"<#{channel_id}>: {said}"), *subscriptions.render_subscribed(answer)["blocks"]]
    )


def _closing(title: str, blocks: list[kit.Block]) -> kit.Block:
    return {
        "type": "modal",
        "callback_id": f"{FORM}_done",
        "title": kit.plain(title),
        "close": kit.plain("Done"),
        "blocks": blocks,
    }
