"""Words to whoever runs the bot, drawn: what is held back with its buttons, and what else they have to hear."""

import re
from collections.abc import Iterator
from datetime import datetime

from bot import answers
from bot.answers import ReviewOutcome
from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.policy import durations
from bot.slack.blocks import kit
from storage.facts import WHOLE_PAGE, Milestone, QuarantineEntry, Resolution

ACCEPT, REJECT = "held_accept", "held_reject"

MAX_LINES = 12
"""Of a difference; the rest is counted."""

MAX_TEXT_LENGTH = 6_000
MAX_LINE_LENGTH = 300

REVIEW_COMMAND = kit.code("dlvm catalogue review")

_TITLES = {
    "held": "Held back",
    "stale": "How old the dates are",
    "policy": "The support policy page has changed",
    "contradicted": "The page contradicts a date set by hand",
    "bug": "dlvm did something wrong",
}
_SET_BY: dict[str, str] = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "end_of_patch",
    Milestone.END_OF_AVAILABILITY: "end_of_availability",
}
"""How `dlvm catalogue override` calls the two dates."""
_PAGE = re.compile(r"https://[^\s<>|]+")
_PERSON = re.compile(r"([A-Z0-9]+)/([UW][A-Z0-9]+) in Slack")


def render(told: answers.OperatorMessage) -> kit.Message:
    """A word to whoever runs the bot, as it stands now."""
    if told.item is not None:
        return kit.message([*_held(told.item, told.workspace_id), *_source(told)])
    text = kit.truncate(kit.escape(told.text), MAX_TEXT_LENGTH)
    title = _TITLES.get(told.topic, "For whoever runs dlvm")
    return kit.message([kit.header(title), *kit.paragraphs(text.split("\n")), *_source(told)])


def render_review_result(answer: answers.ReviewResult) -> kit.Message:
    """What came of pressing *Accept* or *Reject*, for who pressed."""
    return kit.message([kit.section(_came(answer))])


def _came(answer: answers.ReviewResult) -> str:
    held = answer.item
    if held is None:
        return (
            f"Nothing was changed: dlvm holds nothing back under the number {answer.number}. {REVIEW_COMMAND} lists it."
        )
    match answer.outcome:
        case ReviewOutcome.DONE:
            return f"Done. {_outcome(held, answer.workspace_id)}"
        case ReviewOutcome.NOT_ACCEPTABLE:
            return f"Nothing was changed. {_instead(held)}"
        case _:
            return f"Nothing was changed. {_outcome(held, answer.workspace_id)}"


def _held(held: answers.ReviewItem, workspace_id: str) -> Iterator[kit.Block]:
    one = held.entry
    yield kit.header(f"Held back: {_about(one)}")
    lines = [f"*Why:* {_text(one.reason)}."]
    if one.field != WHOLE_PAGE:
        kept = f"“{_text(one.last_good)}”" if one.last_good else "nothing, for nothing was known before"
        lines += [f"*The page says:* “{_text(one.printed)}”", f"*dlvm keeps:* {kept}"]
    lines += [f"• {_text(line)}" for line in one.difference[:MAX_LINES]]
    if len(one.difference) > MAX_LINES:
        lines.append(f"… and {len(one.difference) - MAX_LINES} more: {REVIEW_COMMAND}")
    yield from kit.paragraphs(lines)
    if one.resolution is not Resolution.OPEN:
        yield kit.section(_outcome(held, workspace_id))
        return
    if not one.acceptable:
        yield kit.section(_instead(held))
    yield kit.actions(_buttons(one))


def _buttons(one: QuarantineEntry) -> Iterator[kit.Block]:
    number, about = str(one.entry_id), kit.truncate(_about(one), 120)
    if one.acceptable:
        button = kit.button("Accept", ACCEPT, number, description="Accept what the page says", style="primary")
        what = f"What the page says of {about} enters the catalogue at the next reading, and the channels hear of it."
        yield kit.with_confirmation(button, "Accept what the page says?", what, "Accept")
    button = kit.button("Reject", REJECT, number, description="Reject it and keep the last good value")
    what = f"dlvm keeps what it knows of {about}, and does not ask again while the page says the same."
    yield kit.with_confirmation(button, "Keep the last good value?", what, "Reject")


def _outcome(held: answers.ReviewItem, workspace_id: str) -> str:
    """What became of it: who said what and when, and what follows."""
    one = held.entry
    at = _moment(one.resolved_at) if one.resolved_at else "an unknown day"
    match one.resolution:
        case Resolution.ACCEPTED:
            when = f", on {_moment(held.enters_at)} or soon after" if held.enters_at else ""
            return f"*Accepted* by {_who(one.resolved_by, workspace_id)} on {at}. It enters at the next reading{when}."
        case Resolution.REJECTED:
            return (
                f"*Rejected* by {_who(one.resolved_by, workspace_id)} on {at}. The last good value stays, and nobody is"
                " asked again while the page says the same."
            )
        case Resolution.GONE:
            said = f" {_who(one.resolved_by, workspace_id)} had rejected it." if one.resolved_by else ""
            return f"*Over:* the page was seen not to say it any more on {at}.{said} There is nothing to answer."
        case _:
            return "It still waits for a word."


def _instead(held: answers.ReviewItem) -> str:
    """What to do with what can't be accepted."""
    one = held.entry
    if one.field == WHOLE_PAGE or not one.family:
        return "It can’t be accepted as it is: nothing of it enters until the page says something else."
    stays = "It can’t be accepted as it is. The last good value stays until the page is mended"
    if not held.version or one.field not in _SET_BY:
        return f"{stays}."
    command = f'dlvm catalogue override {held.version} {_SET_BY[one.field]}=DATE --family {one.family} --reason "…"'
    return f"{stays}; where you know better, set the date by hand, written like 2026-06-30: {kit.code(command)}"


def _source(told: answers.OperatorMessage) -> list[kit.Block]:
    page = f" {kit.link(told.url, 'The page')}." if _PAGE.fullmatch(told.url) else ""
    number = f" Number {told.item.entry.entry_id} in {REVIEW_COMMAND}." if told.item else ""
    return [kit.context(f"Found on {_moment(told.made_at)}.{page}{number} This is said once.")]


def _about(one: QuarantineEntry) -> str:
    field = FIELD_TITLES.get(one.field, one.field)
    return "the whole page" if one.field == WHOLE_PAGE else f"{one.family or 'a row'}, {field}"


def _who(name: str, workspace_id: str) -> str:
    """A mention where they are of this workspace; ids are Slack's own, from a signed request."""
    found = _PERSON.fullmatch(name)
    if found is None:
        return kit.escape(name) or "somebody"
    return f"<@{found[2]}>" if found[1] == workspace_id else "somebody in Slack"


def _moment(at: datetime) -> str:
    return f"{durations.format_date(at.date())}, {at:%H:%M} UTC"


def _text(text: str) -> str:
    return kit.escape(kit.truncate(text, MAX_LINE_LENGTH))
