"""Rendering of permissions, the audit log and access requests."""

from bot import answers
from bot.policy import durations, time_zones
from bot.policy.permissions import Refusal
from bot.slack.blocks import kit
from bot.slack.blocks.phrases import format_mention
from storage.facts import AuditEntry, PermissionRule

ALLOW, DECLINE = "asking_allow", "asking_decline"
"""The action ids of the buttons of an access request."""

MAX_COMMAND_LENGTH = 1_000
_MAX_VALUE_LENGTH = 240

_RULES = {
    PermissionRule.ANYONE: "All channel members can change subscriptions, except guests and people from other"
    " organisations.",
    PermissionRule.CREATORS: "Channel creators and the people named below can change subscriptions.",
    PermissionRule.NAMED: "Only the people named below can change subscriptions.",
}
_REFUSALS = {
    Refusal.GUEST: "Guests can view everything here, but can’t change anything.",
    Refusal.EXTERNAL: "People from other organisations can view everything here, but can’t change anything.",
    Refusal.NOT_CREATOR: "Only the channel creator and named people can change subscriptions in this workspace.",
    Refusal.NOT_NAMED: "Only named people can change subscriptions in this workspace.",
    Refusal.NOT_ADMIN: "Only workspace admins and named people can change permissions.",
    Refusal.ROLE_UNKNOWN: "Slack didn’t confirm your role in time. Try again in a moment.",
}


def render_invalid_request(answer: answers.InvalidRequest) -> kit.Message:
    """Render the error message of an invalid request."""
    return kit.message([kit.section(kit.escape(answer.message)), kit.context("Nothing was changed.")])


def render_denied(answer: answers.PermissionDenied) -> kit.Message:
    """Render why a person is not allowed to do something, with a button to request access if that is possible."""
    blocks = [kit.section(_REFUSALS[answer.reason])]
    if answer.command:
        description = "Request someone with permission to do it"
        button = kit.button("Request", "request", answer.command, description=description)
        ask = f"Ask someone with permission to do this for you: {kit.code(f'/dlvm {answer.command}')}"
        blocks.append(kit.section(ask, button))
    hint = f"Nothing was changed. {kit.code('/dlvm permissions')} shows who has permission."
    return kit.message([*blocks, kit.context(hint)])


def render_permissions(answer: answers.Permissions) -> kit.Message:
    """Render the permissions of a workspace."""
    title = "Permissions updated" if answer.is_changed else "Permissions"
    named = ", ".join(map(format_mention, answer.managers)) or "no one"
    lines = [_RULES[answer.rule], f"*Named:* {named}. Workspace admins and owners can always change subscriptions."]
    if answer.creator:
        lines.append(f"{format_mention(answer.creator)} created this channel.")
    examples = kit.codes(f"/dlvm permissions {rule}" for rule in ("anyone", "creators", "named @ana @ml-oncall"))
    hint = f"Workspace admins and named people can change this: {examples}."
    return kit.message([kit.header(title), *kit.paragraphs(lines), kit.context(hint)])


def render_audit(answer: answers.AuditPage) -> kit.Message:
    """Render a page of the audit log."""
    title = kit.header("Audit log" + (f", page {answer.page}" if answer.page > 1 else ""))
    pages = kit.page_buttons("audit", answer.page, has_next=answer.has_more, labels=("Newer", "Older"))
    if not answer.entries:
        return kit.message([title, kit.section("No older changes." if answer.page > 1 else "No changes yet."), *pages])
    lines = (_format_entry(entry, answer.zone) for entry in answer.entries)
    hint = kit.context(f"Newest first. Times are in {answer.zone}.")
    return kit.message([title, *kit.paragraphs(lines, separator="\n\n"), *pages, hint])


def _format_entry(entry: AuditEntry, zone: str) -> str:
    local = time_zones.to_local(entry.at, zone)
    actor = f"by {format_mention(entry.actor)}" if entry.actor else "from the command line"
    where = "" if entry.channel_id else " (whole workspace)"
    line = f"*{kit.escape(entry.action)}* {actor}, {durations.format_date(local.date())}, {local:%H:%M}{where}"
    values = [kit.code(kit.truncate(value, _MAX_VALUE_LENGTH)) for value in (entry.before, entry.after) if value]
    return f"{line}\n{' → '.join(values)}" if values else line


def render_access_requested(answer: answers.AccessRequested) -> kit.Message:
    """Render for the requester that an access request was sent, or that nobody can be asked."""
    command = kit.code(f"/dlvm {answer.command}")
    if not answer.approver:
        hint = kit.code("/dlvm permissions")
        return kit.message([kit.section(f"dlvm found no one to ask for {command}. {hint} shows who has permission.")])
    approver = format_mention(answer.approver)
    text = f"I’ve asked {approver}: {command}. I’ll let you know what they decide."
    if answer.is_repeat:
        text = f"I’ve already asked {approver}, who hasn’t answered yet: {command}. I’ll let you know."
    return kit.message([kit.section(text)])


def render_access_decision(answer: answers.AccessDecision) -> kit.Message:
    """Render the answered access request for the person who answered it. Replaces the request."""
    command, channel = kit.code(f"/dlvm {answer.command}"), f"<#{answer.channel_id}>"
    decision = "allowed" if answer.is_granted else "declined"
    if answer.is_already_answered:
        return kit.message([kit.section(f"This was already {decision}: {command} in {channel}. Nothing was changed.")])
    requester = format_mention(answer.requested_by)
    text = f"You {decision} the request from {requester} in {channel}: {command}."
    return kit.message([kit.section(text), kit.context(f"I’ll tell {requester}.")])


def render_access_request_message(message: answers.AccessRequestMessage) -> kit.Message:
    """Render the direct message that asks a person to allow a change."""
    requester, channel = format_mention(message.requested_by), f"<#{message.subject_channel_id}>"
    text = f"{requester} doesn’t have permission to change {channel}, and asks you to allow this:"
    value = str(message.request_id)
    buttons = (
        kit.button("Allow", ALLOW, value, description="Allow it. It takes effect right away", style="primary"),
        kit.button("Decline", DECLINE, value, description="Decline it. Nothing is changed"),
    )
    command = kit.section(kit.code(f"/dlvm {message.command[:MAX_COMMAND_LENGTH]}"))
    hint = kit.context("If you allow it, it takes effect right away.")
    return kit.message([kit.section(text), command, kit.actions(buttons), hint])


def render_access_decision_message(message: answers.AccessDecisionMessage) -> kit.Message:
    """Render the direct message that tells a person how their access request was answered."""
    decider = format_mention(message.answered_by) or "Someone with permission"
    decision = "allowed your request, and it has taken effect" if message.is_granted else "declined your request"
    command = kit.code(f"/dlvm {message.command[:MAX_COMMAND_LENGTH]}")
    return kit.message([kit.section(f"{decider} {decision}: {command} in <#{message.subject_channel_id}>.")])
