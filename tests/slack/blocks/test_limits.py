"""Any text and any number of entries render within Slack's limits and mention nobody."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.answers import TeamAction
from bot.policy.permissions import Refusal
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.slack.blocks import import_export, operator
from bot.slack.blocks.reminders import message
from bot.slack.blocks.render import render
from storage.facts import DLVM, WHOLE_PAGE, AuditEntry, Milestone, PermissionRule, QuarantineEntry, Resolution
from tests.service.driver import utc

NOW = utc("2026-11-23 12:00")
DAY = date(2026, 11, 23)
any_text = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=480) | st.just(
    "<!channel> `<@U1>`"
)


@settings(max_examples=20, deadline=None)
@given(any_text, st.integers(1, 300))
def test_any_answer_stays_within_the_limits(text: str, count: int) -> None:
    ids = tuple(f"C{n:09}" for n in range(count))
    names = tuple(f"pytorch-{n}.0" for n in range(count))
    line = answers.TeamLine("m" * 40, "S1", ids, names)
    progress = tuple(
        answers.TeamProgress(n, Milestone.END_OF_AVAILABILITY, DAY + timedelta(days=7), ids, ids, ids) for n in names
    )
    entries = tuple(AuditEntry("T1", "C1", "U1", "settings", NOW, text, text) for _ in range(10))
    all_answers: list[answers.Answer] = [
        answers.InvalidRequest(text or "x"),
        answers.Permissions(PermissionRule.NAMED, tuple(f"U{n:08}" for n in range(min(count, 50)))),
        answers.AuditPage("UTC", entries, 2, has_more=True),
        answers.AccessRequested("U1", text),
        answers.AccessRequested("", text),
        answers.AccessDecision("U1", "C1", text, is_granted=True, is_already_answered=count % 2 == 0),
        answers.TeamList((line,) * min(count, 200)),
        answers.TeamDetails(DAY, line, progress),
        answers.Inventory(
            DAY, "UTC", tuple(answers.InventoryLine(c, names, None, ("ml",) * 9) for c in ids[:15]), 2, 9, 99
        ),
        answers.ChannelExport("\n".join((*names, text)), count),
        answers.ImportResult(names, names, ((text[:40], text, text),), count, is_applied=True),
        *(answers.PermissionDenied(refusal, text[:1000] or "x") for refusal in Refusal),
        *(
            answers.TeamUpdate(action, line, ids, names, is_unchanged)
            for action in TeamAction
            for is_unchanged in (True, False)
        ),
    ]
    for answer in all_answers:
        rendered = render(answer)
        assert check_message(rendered) == (), answer
        visible = [b for b in rendered["blocks"] if "accessory" not in b]  # the value of a button is not visible
        assert "<!channel>" not in str(visible) + rendered["text"]
    changes = answers.ImportResult(names, names, (), count, is_applied=False)
    assert check_view(import_export.render_confirmation(changes, "x")) == ()
    assert check_view(import_export.render_done(changes)) == ()
    for direct_message in (
        answers.AccessRequestMessage("T1", "U1", "key", 1, "U2", "C1", text * 3),
        answers.AccessDecisionMessage("T1", "U1", "key", "", "C1", text * 3, is_granted=True),
    ):
        assert check_message(message.render(direct_message)) == ()


@settings(max_examples=12, deadline=None)
@given(
    any_text, st.sampled_from([0, 300]), st.sampled_from([*Resolution]), st.sampled_from([WHOLE_PAGE, "dates", "odd"])
)
def test_any_operator_message_stays_within_the_limits(
    text: str, count: int, resolution: Resolution, field: str
) -> None:
    lines, reviewer = (text,) * count, f"T1/{text}"
    entry = QuarantineEntry(
        1,
        DLVM,
        text,
        field,
        text,
        text,
        text,
        "f",
        lines,
        count > 0,
        NOW,
        resolution,
        resolved_by=reviewer,
        resolved_at=NOW,
    )
    item = answers.ReviewItem(entry, text, NOW)
    for rendered in (
        message.render(answers.OperatorMessage("T1", "C1", "key", "held", text, "https://x/", NOW, item)),
        message.render(answers.OperatorMessage("T1", "C1", "key", text, text * 40, "https://x/|<!here>", NOW)),
        *(
            operator.render_review_result(answers.ReviewResult("T1", 1, outcome, item))
            for outcome in answers.ReviewOutcome
        ),
    ):
        assert check_message(rendered) == (), rendered
        assert len(rendered["text"]) <= 4_000
        mrkdwn = [b for b in rendered["blocks"] if b["type"] not in {"header", "actions"}]  # these are plain text
        assert "<!" not in rendered["text"] + str(mrkdwn)
