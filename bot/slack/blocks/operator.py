"""Rendering of messages to the operator, and of reviews of quarantined values."""

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
"""The action ids of the review buttons."""

_MAX_LINES = 12
"""Lines of a difference that a message shows."""

_MAX_TEXT_LENGTH = 6_000
_MAX_LINE_LENGTH = 300

_REVIEW_COMMAND = kit.code("dlvm catalogue review")

_TITLES = {
    "held": "Pending review",
    "stale": "Age of the dates",
    "policy": "The support policy page has changed",
    "contradicted": "The page conflicts with an override",
    "bug": "Internal error",
}
"""The title for each topic of a message."""

_RESOLUTIONS = {
    Resolution.OPEN: "Pending review",
    Resolution.ACCEPTED: "Accepted",
    Resolution.REJECTED: "Rejected",
    Resolution.GONE: "Closed",
}

_OVERRIDE_OPTIONS: dict[str, str] = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "end_of_patch",
    Milestone.END_OF_AVAILABILITY: "end_of_availability",
}
"""The names of the two dates in `dlvm catalogue override`."""

_SAFE_URL = re.compile(r"https://[^\s<>|]+")


def render(message: answers.OperatorMessage) -> kit.Message:
    """Render a message to the operator. A review shows its current resolution."""
    if message.item is not None:
        return kit.message([*_render_review(message.item, message.workspace_id), _render_footer(message)])
    text = kit.truncate(kit.escape(message.text), _MAX_TEXT_LENGTH)
    title = _TITLES.get(message.topic, "For the dlvm operator")
    return kit.message([kit.header(title), *kit.paragraphs(text.split("\n")), _render_footer(message)])


def render_review_result(answer: answers.ReviewResult) -> kit.Message:
    """Render the result of pressing *Accept* or *Reject*, for the person who pressed it."""
    return kit.message([kit.section(_format_result(answer))])


def _format_result(answer: answers.ReviewResult) -> str:
    if answer.item is None:
        return f"Nothing was changed: there is no review number {answer.number}. {_REVIEW_COMMAND} lists all."
    if answer.outcome is ReviewOutcome.NOT_ACCEPTABLE:
        return f"Nothing was changed. {_format_alternative(answer.item)}"
    outcome = "Done." if answer.outcome is ReviewOutcome.DONE else "Nothing was changed."
    return f"{outcome} {_format_resolution(answer.item, answer.workspace_id)}"


def _render_review(item: answers.ReviewItem, workspace_id: str) -> Iterator[kit.Block]:
    entry = item.entry
    yield kit.header(f"{_RESOLUTIONS[entry.resolution]}: {_format_subject(entry)}")
    lines = [f"*Reason:* {_format_text(entry.reason)}."]
    if entry.field != WHOLE_PAGE:
        kept = f"“{_format_text(entry.last_good)}”" if entry.last_good else "nothing, because no earlier value is known"
        lines += [f"*The page says:* “{_format_text(entry.printed)}”", f"*dlvm keeps:* {kept}"]
    lines += [f"• {_format_text(line)}" for line in entry.difference[:_MAX_LINES]]
    if len(entry.difference) > _MAX_LINES:
        lines.append(f"… and {len(entry.difference) - _MAX_LINES} more: {_REVIEW_COMMAND}")
    yield from kit.paragraphs(lines)
    if entry.resolution is not Resolution.OPEN:
        yield kit.section(_format_resolution(item, workspace_id))
        return
    if not entry.acceptable:
        yield kit.section(_format_alternative(item))
    yield kit.actions(_list_buttons(entry))


def _list_buttons(entry: QuarantineEntry) -> Iterator[kit.Block]:
    number, subject = str(entry.entry_id), kit.truncate(_format_subject(entry), 120)
    if entry.acceptable:
        accept = kit.button("Accept", ACCEPT, number, description="Accept the value of the page", style="primary")
        effect = f"The next reading adds the new value for {subject} to the catalogue and notifies channels."
        yield kit.with_confirmation(accept, "Accept the value of the page?", effect, "Accept")
    reject = kit.button("Reject", REJECT, number, description="Reject it and keep the last good value")
    effect = f"dlvm keeps the last good value for {subject}, and won’t ask again unless the page changes."
    yield kit.with_confirmation(reject, "Keep the last good value?", effect, "Reject")


def _format_resolution(item: answers.ReviewItem, workspace_id: str) -> str:
    entry = item.entry
    day = _format_moment(entry.resolved_at) if entry.resolved_at else "an unknown day"
    reviewer = _format_reviewer(entry, workspace_id)
    match entry.resolution:
        case Resolution.ACCEPTED:
            when = f", on {_format_moment(item.enters_at)} or soon after" if item.enters_at else ""
            return f"*Accepted* by {reviewer} on {day}. It takes effect at the next reading{when}."
        case Resolution.REJECTED:
            effect = "The last good value stays, and dlvm won’t ask again unless the page changes."
            return f"*Rejected* by {reviewer} on {day}. {effect}"
        case Resolution.GONE:
            rejection = f" {reviewer} had rejected it." if entry.resolved_by else ""
            return f"*Closed:* the page no longer said this on {day}.{rejection} No review is needed."
        case _:
            return "It still needs a review."


def _format_alternative(item: answers.ReviewItem) -> str:
    entry = item.entry
    if entry.field == WHOLE_PAGE or not entry.family:
        return "You can’t accept this. dlvm ignores the reading until the page changes."
    fallback = "You can’t accept this. The last good value stays until the page is fixed"
    if not item.version or entry.field not in _OVERRIDE_OPTIONS:
        return f"{fallback}."
    date_option = f"{_OVERRIDE_OPTIONS[entry.field]}=DATE"
    command = f'dlvm catalogue override {item.version} {date_option} --family {entry.family} --reason "…"'
    return f"{fallback}. If you know the right date, override it (DATE like 2026-06-30): {kit.code(command)}"


def _render_footer(message: answers.OperatorMessage) -> kit.Block:
    page = f" {kit.link(message.url, 'Open the page')}." if _SAFE_URL.fullmatch(message.url) else ""
    number = f" Number {message.item.entry.entry_id} in {_REVIEW_COMMAND}." if message.item else ""
    return kit.context(f"Found on {_format_moment(message.made_at)}.{page}{number} I won’t repeat this.")


def _format_subject(entry: QuarantineEntry) -> str:
    if entry.field == WHOLE_PAGE:
        return "the whole page"
    return f"{entry.family or 'a row'}, {FIELD_TITLES.get(entry.field, entry.field)}"


def _format_reviewer(entry: QuarantineEntry, workspace_id: str) -> str:
    """Format a reviewer of this workspace as a mention. Their id comes from a signed request."""
    if not entry.resolver_workspace_id:
        return kit.escape(entry.resolved_by) or "an unknown person"
    return f"<@{entry.resolved_by}>" if entry.resolver_workspace_id == workspace_id else "a person in another workspace"


def _format_moment(at: datetime) -> str:
    return f"{durations.format_date(at.date())}, {at:%H:%M} UTC"


def _format_text(text: str) -> str:
    return kit.escape(kit.truncate(text, _MAX_LINE_LENGTH))
