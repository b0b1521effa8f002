"""Slack's error codes for posts, and the outcome of each."""

import pytest

from bot.policy.post_outcomes import Accepted, Ambiguous, Refused, Remedy
from bot.slack.client.sender import SlackSender
from storage.facts import Health
from tests.slack.fake_slack_server import OK, FakeSlackServer, respond_json, send_message

AMBIGUOUS = ("fatal_error", "internal_error", "service_unavailable", "request_timeout")
HEALTH = {
    "is_archived": Health.ARCHIVED,
    "channel_not_found": Health.UNREACHABLE,
    "messages_tab_disabled": Health.UNREACHABLE,
    "not_in_channel": Health.NEEDS_INVITE,
    "no_permission": Health.NEEDS_INVITE,
    "restricted_action": Health.BLOCKED_BY_POLICY,
    "restricted_action_read_only_channel": Health.BLOCKED_BY_POLICY,
    "restricted_action_thread_only_channel": Health.BLOCKED_BY_POLICY,
    "restricted_action_non_threadable_channel": Health.BLOCKED_BY_POLICY,
    "restricted_action_thread_locked": Health.BLOCKED_BY_POLICY,
    "cannot_reply_to_message": Health.BLOCKED_BY_POLICY,
    "ekm_access_denied": Health.BLOCKED_BY_POLICY,
    "access_denied": Health.BLOCKED_BY_POLICY,
}
SUSPENDED = (
    "account_inactive token_revoked not_authed invalid_auth token_expired missing_scope not_allowed_token_type"
    " team_access_not_granted accesslimited enterprise_is_restricted two_factor_setup_required message_limit_exceeded"
)
OUR_BUG = (
    "invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type"
    " missing_post_type missing_file_data team_not_found as_user_not_supported deprecated_endpoint method_deprecated"
)
AS_PLAIN_TEXT = (
    "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text too_many_attachments"
    " attachment_payload_limit_exceeded too_many_contact_cards markdown_text_conflict"
    " slack_connect_file_link_sharing_blocked slack_connect_canvas_sharing_blocked slack_connect_lists_sharing_blocked"
)
WITHOUT_METADATA = "invalid_metadata_format invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app"
NOT_USED = (
    "draft_already_deleted draft_already_sent draft_has_conflict draft_not_found duplicate_channel_not_found"
    " duplicate_message_not_found never_heard_of"
)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("ratelimited rate_limited", (Remedy.RETRY, None)),
        ("org_login_required team_added_to_org", (Remedy.RETRY, 3600.0)),
        (SUSPENDED, (Remedy.SUSPEND_WORKSPACE, None)),
        (OUR_BUG, (Remedy.OUR_BUG, None)),
        ("message_not_found cant_update_message edit_window_closed", (Remedy.GONE, None)),
        (NOT_USED, (Remedy.UNKNOWN, None)),
    ],
)
def test_each_code_has_its_remedy(
    slack_server: FakeSlackServer, sender: SlackSender, codes: str, expected: tuple[Remedy, float | None]
) -> None:
    for code in codes.split():
        refused = send_message(slack_server, sender, respond_json(ok=False, error=code))
        assert isinstance(refused, Refused), code
        assert (refused.error, refused.remedy, refused.retry_after) == (code, *expected)


@pytest.mark.parametrize(("code", "health"), HEALTH.items())
def test_refusing_channel_is_paused_with_its_health(
    slack_server: FakeSlackServer, sender: SlackSender, code: str, health: Health
) -> None:
    assert send_message(slack_server, sender, respond_json(ok=False, error=code)) == Refused(
        code, Remedy.PAUSE_CHANNEL, health=health
    )


@pytest.mark.parametrize("code", AMBIGUOUS)
def test_inconclusive_codes_are_ambiguous(slack_server: FakeSlackServer, sender: SlackSender, code: str) -> None:
    assert send_message(slack_server, sender, respond_json(ok=False, error=code)) == Ambiguous(code)


@pytest.mark.parametrize("code", AS_PLAIN_TEXT.split())
def test_invalid_content_is_sent_once_more_as_plain_text(
    slack_server: FakeSlackServer, sender: SlackSender, code: str
) -> None:
    refusal = respond_json(ok=False, error=code)
    assert send_message(slack_server, sender, refusal, refusal) == Refused(code, Remedy.OUR_BUG)
    assert [b"blocks" in request for request in slack_server.requests] == [True, False]


@pytest.mark.parametrize("code", WITHOUT_METADATA.split())
def test_invalid_metadata_is_left_out_once(slack_server: FakeSlackServer, sender: SlackSender, code: str) -> None:
    refusal = respond_json(ok=False, error=code)
    assert send_message(slack_server, sender, refusal, refusal) == Refused(code, Remedy.OUR_BUG)
    assert [b"metadata" in request for request in slack_server.requests] == [True, False]


def test_message_accepted_as_plain_text_has_a_flaw(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(slack_server, sender, respond_json(ok=False, error="invalid_blocks"), OK) == Accepted(
        "1.2", "invalid_blocks"
    )
    assert b"blocks" in slack_server.requests[0]
    assert b"blocks" not in slack_server.requests[1]


def test_message_accepted_without_metadata_has_a_flaw(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(slack_server, sender, respond_json(ok=False, error="metadata_too_large"), OK) == Accepted(
        "1.2", "metadata_too_large"
    )
    assert b"metadata" not in slack_server.requests[1]


def test_blocked_link_is_left_out_without_a_flaw(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    blocked = respond_json(ok=False, error="slack_connect_canvas_sharing_blocked")
    assert send_message(slack_server, sender, blocked, OK) == Accepted("1.2")
