"""Who may change what, who did, and who is asked, drawn."""

from bot import answers
from bot.policy import durations, time_zones
from bot.policy.permissions import Refusal
from bot.slack.blocks import kit
from storage.facts import AuditEntry, PermissionRule

ALLOW, DECLINE = "asking_allow", "asking_decline"

_RULES = {
    PermissionRule.ANYONE: "Everybody in a channel may change what it watches, but guests and people of other organisations.",
    PermissionRule.CREATORS: "Who made a channel may change what it watches, and so may who is named.",
    PermissionRule.NAMED: "Only who is named may change what channels watch.",
}
_WHY = {
    Refusal.GUEST: "Guests may look at everything here, but change nothing.",
    Refusal.EXTERNAL: "People of other organisations may look at everything here, but change nothing.",
    Refusal.NOT_CREATOR: "In this workspace only who made a channel, or is named, may change what it watches.",
    Refusal.NOT_NAMED: "In this workspace only those who are named may change what channels watch.",
    Refusal.NOT_ADMIN: "Only admins and owners of the workspace, and those who are named, say who may change.",
    Refusal.ROLE_UNKNOWN: "Slack did not say in time who you are, which matters here. Please try again in a moment.",
}
MAX_COMMAND_LENGTH = 1_000


def render_invalid_request(answer: answers.InvalidRequest) -> kit.Message:
    """Something that does not fit."""
    return kit.message([kit.section(_sentence(answer.message)), kit.context("Nothing was changed.")])


def _sentence(text: str) -> str:
    return kit.escape(text)


def render_denied(answer: answers.PermissionDenied) -> kit.Message:
    """Why somebody may not, with a way to ask somebody who may."""
    blocks = [kit.section(_WHY[answer.reason])]
    if answer.command:
        button = kit.button("Request", "request", answer.command, description="Ask somebody who may to allow this")
        blocks += [kit.section(f"To have somebody asked who may: {kit.code(f'/dlvm {answer.command}')}", button)]
    return kit.message([*blocks, kit.context(f"Nothing was changed. {kit.code('/dlvm permissions')} shows who may.")])


def render_permissions(answer: answers.Permissions) -> kit.Message:
    """The answer to `/dlvm permissions`."""
    title = "Who may change is changed" if answer.is_changed else "Who may change what channels watch"
    named = ", ".join(map(format_mention, answer.managers)) or "nobody"
    lines = [_RULES[answer.rule], f"*Named:* {named}. Admins and owners of the workspace may always."]
    if answer.creator:
        lines.append(f"This channel was made by {format_mention(answer.creator)}.")
    examples = ("permissions anyone", "permissions creators", "permissions named @ana @ml-oncall")
    how = ", ".join(kit.code(f"/dlvm {example}") for example in examples)
    return kit.message([kit.header(title), *kit.paragraphs(lines), kit.context(f"Admins and who is named: {how}.")])


def render_audit(answer: answers.AuditPage) -> kit.Message:
    """The answer to `/dlvm audit`."""
    title = "Who changed what here" + (f", page {answer.page}" if answer.page > 1 else "")
    if not answer.entries:
        text = "Nothing older was changed." if answer.page > 1 else "Nothing was changed here yet."
        return kit.message([kit.header(title), kit.section(text), *_turns(answer)])
    lines = (_change(change, answer.zone) for change in answer.entries)
    small = kit.context(f"Newest first; times are in {answer.zone}.")
    return kit.message([kit.header(title), *kit.paragraphs(lines, separator="\n\n"), *_turns(answer), small])


def _turns(answer: answers.AuditPage) -> list[kit.Block]:
    back = [kit.button("Newer", "audit_previous", str(answer.page - 1))] if answer.page > 1 else []
    on = [kit.button("Older", "audit_next", str(answer.page + 1))] if answer.has_more else []
    return [kit.actions([*back, *on])] if back or on else []


def _change(change: AuditEntry, zone: str) -> str:
    local = time_zones.to_local(change.at, zone)
    by = format_mention(change.actor) if change.actor else "the terminal"
    what = f"*{kit.escape(change.action)}* by {by}, {durations.format_date(local.date())}, {local:%H:%M}"
    where = "" if change.channel_id else " (whole workspace)"
    before, after = (kit.code(kit.truncate(text, 240)) if text else "" for text in (change.before, change.after))
    values = " → ".join(filter(None, (before, after)))
    return f"{what}{where}\n{values}" if values else what + where


def render_access_requested(answer: answers.AccessRequested) -> kit.Message:
    """What came of pressing *Request*."""
    command = kit.code(f"/dlvm {answer.command}")
    if not answer.approver:
        hint = kit.code("/dlvm permissions")
        return kit.message(
            [kit.section(f"dlvm knows nobody to ask about {command}: {hint} shows who may change this.")]
        )
    done = "was asked before and has not answered yet" if answer.is_repeat else "is asked by direct message"
    return kit.message(
        [kit.section(f"{format_mention(answer.approver)} {done}: {command}. You hear what comes of it.")]
    )


def render_access_decision(answer: answers.AccessDecision) -> kit.Message:
    """What an answered request is from then on."""
    command, where = kit.code(f"/dlvm {answer.command}"), f"<#{answer.channel_id}>"
    said = "allowed" if answer.is_granted else "declined"
    if answer.is_already_answered:
        return kit.message([kit.section(f"This was {said} before; nothing more was changed: {command} in {where}.")])
    told = kit.context(f"{format_mention(answer.requested_by)} hears of it.")
    return kit.message(
        [kit.section(f"You {said} what {format_mention(answer.requested_by)} asked for in {where}: {command}."), told]
    )


def render_access_request_message(note: answers.AccessRequestMessage) -> kit.Message:
    """The direct message to who may allow a change."""
    text = (
        f"{format_mention(note.requested_by)} may not change <#{note.subject_channel_id}> and asks you to allow this:"
    )
    buttons = (
        kit.button("Allow", ALLOW, str(note.request_id), description="Allow it: it is done at once", style="primary"),
        kit.button("Decline", DECLINE, str(note.request_id), description="Decline: nothing is changed"),
    )
    command = kit.section(kit.code(f"/dlvm {note.command[:MAX_COMMAND_LENGTH]}"))
    return kit.message([kit.section(text), command, kit.actions(buttons), kit.context("Allowed, it is done at once.")])


def render_access_decision_message(note: answers.AccessDecisionMessage) -> kit.Message:
    """The direct message to who asked."""
    said = "allowed, and it is done" if note.is_granted else "declined; nothing was changed"
    command = kit.code(f"/dlvm {note.command[:MAX_COMMAND_LENGTH]}")
    by = format_mention(note.answered_by) if note.answered_by else "Somebody who may"
    return kit.message([kit.section(f"{by} {said}: {command} in <#{note.subject_channel_id}>.")])


def format_mention(person_or_group: str) -> str:
    """A mention of a person or user group; ids come from Slack or from a checked command."""
    if not person_or_group.isalnum():
        return kit.escape(person_or_group)
    return f"<!subteam^{person_or_group}>" if person_or_group.startswith("S") else f"<@{person_or_group}>"
