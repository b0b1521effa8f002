"""Modals, drawn."""

from bot import answers
from bot.slack.blocks import kit, settings

SETTINGS = "settings"
"""The callback id of the settings modal."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WHO = "Who is named in reminders; cleared, it is nobody. A user group is set by typing: /dlvm settings mention @group"

_FIELDS = (
    ("zone", "Time zone", "Days are counted and hours meant in it: Asia/Taipei, Europe/Berlin, UTC"),
    ("hour", "Hour", "When reminders come on their day, 24 hours: 09:30"),
    ("ladder", "Ladder", "A reminder comes so many days before each date; 0 is the day itself, passed the day after"),
    ("days-off", "Days off", "What falls on these comes on the working day before: sat sun, or none"),
    ("country", "Country", "Its public holidays are days off too: two letters, like DE, or none"),
    ("quiet", "Quiet hours", "Nothing is posted then, what waits comes after them: 18:00-09:00, or none"),
    ("mention", "Mention", _WHO),
    ("from", "Mention from", "They are named from so many days before a date on: 7"),
    ("weekly", "Weekly summary", "What comes next, on the first working day of each week"),
    ("notes", "Release notes", "New releases and deprecations of what is watched here, as Google announces them"),
)
FIELD_NAMES = tuple(name for name, _, _ in _FIELDS)
"""The fields, which are named like the settings they change."""


def render_form(
    answer: answers.ChannelSettings, channel_id: str, tried: answers.ChannelSettings | None = None
) -> kit.Block:
    """The channel's settings to change, with the reminders that what was tried would bring; the channel travels along.

    The fields are drawn with the stored values also where others are tried: Slack keeps what was typed in them.
    """
    return {
        "type": "modal",
        "callback_id": SETTINGS,
        "private_metadata": channel_id,
        "title": kit.plain("Reminders here"),
        "submit": kit.plain("Save"),
        "close": kit.plain("Cancel"),
        "blocks": [
            *(_input(name, label, _element(name, answer), hint) for name, label, hint in _FIELDS),
            kit.divider(),
            *_preview(tried or answer),
        ],
    }


def _preview(answer: answers.ChannelSettings) -> list[kit.Block]:
    """The next reminders by the settings in the form; or what is wrong with those."""
    if answer.errors:
        sentences = [f"• {kit.escape(sentence)}" for _, sentence in answer.errors]
        return kit.paragraphs(["*Something is not right yet*", *sentences])
    return [
        *kit.paragraphs(settings.list_next_reminders(answer)),
        kit.context("As the form has it now; nothing is kept yet."),
    ]


def read_values(view: kit.Block) -> list[tuple[str, str]]:
    """What is wished by the fields of the form, as a person would type it."""
    values = view["state"]["values"]
    return [(name, _wished(values[name][name])) for name in FIELD_NAMES if name in values]


def _wished(value: kit.Block) -> str:
    match value.get("type"):
        case "checkboxes":
            return "on" if value.get("selected_options") else "off"
        case "users_select":
            return str(value.get("selected_user") or "nobody")
        case _:
            return str(value.get("value") or "").strip()


def render_saved(answer: answers.ChannelSettings) -> kit.Block:
    """What the settings are now."""
    return {
        "type": "modal",
        "callback_id": "settings_saved",
        "title": kit.plain("Saved"),
        "close": kit.plain("Done"),
        "blocks": [
            kit.fields([f"*{name}*\n{value}" for name, value in settings.list_values(answer)]),
            *kit.paragraphs(settings.list_next_reminders(answer)),
        ],
    }


def _values(answer: answers.ChannelSettings) -> dict[str, str]:
    """The settings as a person would type them."""
    schedule = answer.schedule
    return {
        "zone": schedule.zone,
        "hour": f"{schedule.hour:%H:%M}",
        "ladder": " ".join("passed" if rung < 0 else str(rung) for rung in schedule.ladder),
        "days-off": " ".join(_WEEKDAYS[day] for day in schedule.days_off) or "none",
        "country": schedule.country or "none",
        "quiet": f"{answer.quiet.start:%H:%M}-{answer.quiet.end:%H:%M}" if answer.quiet else "none",
        "mention": answer.mention,
        "from": str(answer.mention_from),
    }


def _input(name: str, label: str, element: kit.Block, hint: str) -> kit.Block:
    """A field; another content asks for another preview."""
    kept = name == "mention" and "initial_value" in element
    return {
        "type": "input",
        "block_id": name,
        "label": kit.plain(label),
        "hint": kit.plain(_GROUP if kept else hint),
        "element": {"action_id": name, **element},
        "dispatch_action": True,
        "optional": name in {"mention", *_SWITCHES},
    }


def _element(name: str, answer: answers.ChannelSettings) -> kit.Block:
    if name in _SWITCHES:
        option: kit.Block = {"text": kit.plain(_SWITCHES[name]), "value": "on"}
        is_on = answer.weekly if name == "weekly" else answer.release_notes
        return {"type": "checkboxes", "options": [option], **({"initial_options": [option]} if is_on else {})}
    if name == "mention" and not answer.mention.startswith("S"):
        chosen = {"initial_user": answer.mention} if answer.mention else {}
        return {"type": "users_select", "placeholder": kit.plain("Nobody"), **chosen}
    return {
        "type": "plain_text_input",
        "initial_value": _values(answer)[name],
        "max_length": 120,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]},
    }


_SWITCHES = {"weekly": "Post a summary each week", "notes": "Post what the release notes say"}
_GROUP = "The id of the user group that is named in reminders; nobody for none"
