"""Whatever people wrote and however much there is: what is drawn stays within Slack's limits and pings nobody."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.answers import TeamAction
from bot.policy.permissions import Refusal
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.slack.blocks import import_export, operator
from bot.slack.blocks.reminders import message as messages
from bot.slack.blocks.render import render
from storage.facts import DLVM, WHOLE_PAGE, AuditEntry, Milestone, PermissionRule, QuarantineEntry, Resolution
from tests.service.driver import utc

NOW = utc("2026-11-23 12:00")
DAY = date(2026, 11, 23)
extreme = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=480) | st.just("<!channel> `<@U1>`")


@settings(max_examples=20, deadline=None)
@given(extreme, st.integers(1, 300))
def test_extreme_answers_stay_within_the_limits(text: str, count: int) -> None:
    ids = tuple(f"C{n:09}" for n in range(count))
    names = tuple(f"pytorch-{n}.0" for n in range(count))
    line = answers.TeamLine("m" * 40, "S1", ids, names)
    progress = tuple(
        answers.TeamProgress(n, Milestone.END_OF_AVAILABILITY, DAY + timedelta(days=7), ids, ids, ids) for n in names
    )
    changes = tuple(AuditEntry("T1", "C1", "U1", "settings", NOW, text, text) for _ in range(10))
    every: list[answers.Answer] = [
        answers.InvalidRequest(text or "x"),
        answers.Permissions(PermissionRule.NAMED, tuple(f"U{n:08}" for n in range(min(count, 50)))),
        answers.AuditPage("UTC", changes, 2, has_more=True),
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
        *(answers.PermissionDenied(why, text[:1000] or "x") for why in Refusal),
        *(answers.TeamUpdate(act, line, ids, names, nothing) for act in TeamAction for nothing in (True, False)),
    ]
    for answer in every:
        message = render(answer)
        assert check_message(message) == (), answer
        drawn = [b for b in message["blocks"] if "accessory" not in b]  # a value of a button is not drawn
        assert "<!channel>" not in str(drawn) + message["text"]
    imported = answers.ImportResult(names, names, (), count, is_applied=False)
    assert check_view(import_export.render_confirmation(imported, "x")) == ()
    assert check_view(import_export.render_done(imported)) == ()
    for note in (
        answers.AccessRequestMessage("T1", "U1", "key", 1, "U2", "C1", text * 3, DAY),
        answers.AccessDecisionMessage("T1", "U1", "key", "", "C1", text * 3, is_granted=True, decided_at=NOW),
    ):
        assert check_message(messages.render(note)) == ()


@settings(max_examples=12, deadline=None)
@given(
    extreme, st.sampled_from([0, 300]), st.sampled_from([*Resolution]), st.sampled_from([WHOLE_PAGE, "dates", "odd"])
)
def test_extreme_words_to_the_operator_stay_within_the_limits(
    text: str, count: int, settled: Resolution, field: str
) -> None:
    lines, by = (text,) * count, f"T1/{text}"
    one = QuarantineEntry(
        1, DLVM, text, field, text, text, text, "f", lines, count > 0, NOW, settled, resolved_by=by, resolved_at=NOW
    )
    held = answers.ReviewItem(one, text, NOW)
    for message in (
        messages.render(answers.OperatorMessage("T1", "C1", "key", "held", text, "https://x/", NOW, held)),
        messages.render(answers.OperatorMessage("T1", "C1", "key", text, text * 40, "https://x/|<!here>", NOW)),
        *(
            operator.render_review_result(answers.ReviewResult("T1", 1, answered, held))
            for answered in answers.ReviewOutcome
        ),
    ):
        assert check_message(message) == (), message
        assert len(message["text"]) <= 4_000
        drawn = [b for b in message["blocks"] if b["type"] not in {"header", "actions"}]  # those are plain text
        assert "<!" not in message["text"] + str(drawn)
