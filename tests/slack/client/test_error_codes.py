"""Every code that Slack can refuse a post with, and what it leads to: the error table."""

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
def test_each_code_leads_to_its_remedy(
    misbehaving: FakeSlackServer, sender: SlackSender, codes: str, expected: tuple[Remedy, float | None]
) -> None:
    for code in codes.split():
        found = send_message(misbehaving, sender, respond_json(ok=False, error=code))
        assert isinstance(found, Refused), code
        assert (found.error, found.remedy, found.retry_after) == (code, *expected)


@pytest.mark.parametrize(("code", "health"), HEALTH.items())
def test_a_channel_that_refuses_is_paused_with_its_health(
    misbehaving: FakeSlackServer, sender: SlackSender, code: str, health: Health
) -> None:
    assert send_message(misbehaving, sender, respond_json(ok=False, error=code)) == Refused(
        code, Remedy.PAUSE_CHANNEL, health=health
    )


@pytest.mark.parametrize("code", AMBIGUOUS)
def test_codes_that_prove_nothing_are_ambiguous(misbehaving: FakeSlackServer, sender: SlackSender, code: str) -> None:
    assert send_message(misbehaving, sender, respond_json(ok=False, error=code)) == Ambiguous(code)


@pytest.mark.parametrize("code", AS_PLAIN_TEXT.split())
def test_what_is_refused_for_its_looks_goes_out_as_plain_text_once_more(
    misbehaving: FakeSlackServer, sender: SlackSender, code: str
) -> None:
    again = respond_json(ok=False, error=code)
    assert send_message(misbehaving, sender, again, again) == Refused(code, Remedy.OUR_BUG)
    assert [b"blocks" in request for request in misbehaving.requests] == [True, False]


@pytest.mark.parametrize("code", WITHOUT_METADATA.split())
def test_what_is_refused_for_its_metadata_goes_out_without_once_more(
    misbehaving: FakeSlackServer, sender: SlackSender, code: str
) -> None:
    again = respond_json(ok=False, error=code)
    assert send_message(misbehaving, sender, again, again) == Refused(code, Remedy.OUR_BUG)
    assert [b"metadata" in request for request in misbehaving.requests] == [True, False]


def test_blocks_that_slack_refuses_go_out_as_plain_text_once(misbehaving: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(misbehaving, sender, respond_json(ok=False, error="invalid_blocks"), OK) == Accepted(
        "1.2", "invalid_blocks"
    )
    assert b"blocks" in misbehaving.requests[0]
    assert b"blocks" not in misbehaving.requests[1]


def test_metadata_that_slack_refuses_is_left_out(misbehaving: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(misbehaving, sender, respond_json(ok=False, error="metadata_too_large"), OK) == Accepted(
        "1.2", "metadata_too_large"
    )
    assert b"metadata" not in misbehaving.requests[1]


def test_a_link_that_a_workspace_bars_is_left_out_and_is_no_bug(
    misbehaving: FakeSlackServer, sender: SlackSender
) -> None:
    barred = respond_json(ok=False, error="slack_connect_canvas_sharing_blocked")
    assert send_message(misbehaving, sender, barred, OK) == Accepted("1.2")
