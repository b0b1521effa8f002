"""Rendering of the subscribe form, its options and its result."""

from datetime import date

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_target
from bot.service.versions.resolve import MAX_TARGETS
from bot.slack.blocks import kit, phrases, subscriptions
from storage.facts import ALL, Milestone

FORM = "subscribe_form"
"""The callback id of the form."""

VERSIONS, CHANNEL, LADDER, MENTION = "versions", "channel", "ladder", "mention"
"""The names of the fields."""

LADDER_PRESETS = {
    "keep": ("Use channel default", ""),
    "default": ("From 180 days: 180 … 1 0 passed", "default"),
    "quarter": ("From 90 days: 90 30 14 7 3 1 0 passed", "90 30 14 7 3 1 0 passed"),
    "month": ("Minimal: 30 7 1 0 passed", "30 7 1 0 passed"),
}
"""The label of each preset, and the ladder it sets; an empty ladder changes nothing."""

_FOR_ALL = "Applies to every subscription in this channel."

_MILESTONE_PHRASES = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "patches end",
    Milestone.END_OF_AVAILABILITY: "unavailable after",
}

_REACH = {
    answers.ChannelReach.OK: "dlvm can post there.",
    answers.ChannelReach.UNCHECKED: "Slack didn’t say in time if dlvm can post there. `/dlvm subscriptions` shows it.",
}


def render_form() -> kit.Block:
    """Render the form. The channel that the person looks at is preselected."""
    versions: kit.Block = {
        "type": "multi_external_select",
        "placeholder": kit.plain("pytorch 2.7, tf 2.17, …"),
        "min_query_length": 0,
        "max_selected_items": MAX_TARGETS,
        "focus_on_load": True,
    }
    channel: kit.Block = {
        "type": "conversations_select",
        "placeholder": kit.plain("Choose a channel"),
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"]},
    }
    presets = [kit.option(label, name) for name, (label, _) in LADDER_PRESETS.items()]
    ladder: kit.Block = {"type": "static_select", "options": presets, "initial_option": presets[0]}
    person: kit.Block = {"type": "users_select", "placeholder": kit.plain("Choose a person")}
    mention_hint = f"Person to mention when a date is close. {_FOR_ALL}"
    blocks = [
        kit.input_block(VERSIONS, "Versions", versions, "Type to search. The soonest dates come first."),
        kit.input_block(CHANNEL, "Channel", channel, "Posting in a private channel? Invite dlvm there first."),
        kit.input_block(LADDER, "Schedule", ladder, f"When to send reminders, in days before each date. {_FOR_ALL}"),
        kit.input_block(MENTION, "Mention", person, mention_hint, is_optional=True),
    ]
    return kit.form("Subscribe a channel", FORM, blocks, submit="Subscribe")


def list_options(offered: answers.VersionList, typed: str) -> list[kit.Block]:
    """Build the options: versions, then the frameworks and `all` whose titles contain the typed text."""
    frameworks = sorted({line.version.partition("-")[0] for line in offered.lines})
    titles = {target: format_target(target) for target in (*frameworks, ALL)}
    broad = {target: title for target, title in titles.items() if typed.lower() in title.lower()}
    lines = offered.lines[: kit.MAX_OPTIONS - len(broad)]
    return [
        *(kit.option(_format_version(line, offered.day), line.version) for line in lines),
        *(kit.option(f"{phrases.capitalize(title)}, including new ones", target) for target, title in broad.items()),
    ]


def _format_version(line: answers.VersionLine, today: date) -> str:
    """Format a version with its next date: `pytorch-2.7: patches end 13 Apr 2027 (in 141 days)`."""
    milestone = line.next_milestone
    if milestone is None or line.next_date is None:
        is_gone = line.state is LifecycleState.UNAVAILABLE
        return f"{line.version}: {'no longer available' if is_gone else 'no known date'}"
    day = f"{phrases.format_date(today, line.next_date)}{phrases.format_marks_at(line, milestone)}"
    return f"{line.version}: {_MILESTONE_PHRASES[milestone]} {day}"


def render_done(answer: answers.Subscribed, channel_id: str) -> kit.Block:
    """Render the modal with the result, and whether dlvm can post in the channel."""
    reach = kit.section(f"<#{channel_id}>: {_REACH.get(answer.reach, 'dlvm can’t post there yet.')}")
    return kit.notice("Subscribed", f"{FORM}_done", [reach, *subscriptions.render_subscribed(answer)["blocks"]])
