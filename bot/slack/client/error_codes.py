"""Slack's error codes for posts, and the remedy for each.

Source: the error lists of chat.postMessage and chat.update. A refusal proves that nothing was posted; an error that
doesn't prove it is ambiguous.
"""

import re

from bot.policy.post_outcomes import Ambiguous, Refused, Remedy
from storage.facts import Health

INVALID_CONTENT = (
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "too_many_attachments",
    "attachment_payload_limit_exceeded",
    "too_many_contact_cards",
    "markdown_text_conflict",
)
"""The rendered message is invalid. The plain text might still be accepted."""

BLOCKED_LINKS = (
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_canvas_sharing_blocked",
    "slack_connect_lists_sharing_blocked",
)
"""A shared channel blocks a kind of link. The plain text might still be accepted."""

INVALID_METADATA = (
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_too_large",
    "metadata_must_be_sent_from_app",
)
"""The metadata is invalid. The message might still be accepted without it."""

_MIGRATING = ("team_added_to_org", "org_login_required")
"""The workspace is moving into an organisation. Retried every hour."""
_HOUR_SECONDS = 3600.0
_AMBIGUOUS = ("fatal_error", "internal_error", "service_unavailable", "request_timeout")

_CODES_BY_HEALTH = {
    Health.ARCHIVED: "is_archived",
    Health.UNREACHABLE: "channel_not_found messages_tab_disabled",
    Health.NEEDS_INVITE: "not_in_channel no_permission",
    Health.BLOCKED_BY_POLICY: """
        restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
        restricted_action_non_threadable_channel restricted_action_thread_locked cannot_reply_to_message
        ekm_access_denied access_denied""",
}
"""Codes that pause the channel, by the channel's health."""
_HEALTH = {code: health for health, codes in _CODES_BY_HEALTH.items() for code in codes.split()}

_CODES_BY_REMEDY = {
    Remedy.RETRY: "ratelimited rate_limited",
    Remedy.SUSPEND_WORKSPACE: """
        account_inactive token_revoked not_authed invalid_auth token_expired missing_scope not_allowed_token_type
        team_access_not_granted accesslimited enterprise_is_restricted two_factor_setup_required
        message_limit_exceeded""",
    Remedy.OUR_BUG: """
        invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type
        missing_post_type missing_file_data team_not_found as_user_not_supported deprecated_endpoint
        method_deprecated""",
    Remedy.GONE: "message_not_found cant_update_message edit_window_closed",
}
_REMEDIES = (
    {code: remedy for remedy, codes in _CODES_BY_REMEDY.items() for code in codes.split()}
    | dict.fromkeys(_MIGRATING, Remedy.RETRY)
    | dict.fromkeys(_HEALTH, Remedy.PAUSE_CHANNEL)
    | dict.fromkeys((*INVALID_CONTENT, *BLOCKED_LINKS, *INVALID_METADATA), Remedy.OUR_BUG)
)


def classify(code: str) -> Refused | Ambiguous:
    """Return the outcome for an error code. An unlisted code gets Remedy.UNKNOWN, which allows a few retries."""
    if code in _AMBIGUOUS:
        return Ambiguous(code)
    return Refused(
        code,
        _REMEDIES.get(code, Remedy.UNKNOWN),
        retry_after=_HOUR_SECONDS if code in _MIGRATING else None,
        health=_HEALTH.get(code, Health.UNREACHABLE),
    )


def is_known(code: str) -> bool:
    """Return True if the code is listed in this module."""
    return code in _REMEDIES or code in _AMBIGUOUS


def parse_retry_after(retry_after: str | None) -> float | None:
    """Return the Retry-After header in seconds, or None if it is missing or invalid."""
    text = (retry_after or "").strip()
    return float(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
