"""Whatever people wrote and however much there is: what is drawn stays within Slack's limits and pings nobody."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.answers import TeamAct
from bot.policy.permissions import Refusal
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.slack.blocks import import_export, operator
from bot.slack.blocks.reminders import message as messages
from bot.slack.blocks.render import draw
from storage.facts import DLVM, PAGE, Change, Finding, Managing, Milestone, Settled
from tests.service.driver import at

NOW = at("2026-11-23 12:00")
DAY = date(2026, 11, 23)
extreme = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=480) | st.just("<!channel> `<@U1>`")


@settings(max_examples=20, deadline=None)
@given(extreme, st.integers(1, 300))
def test_extreme_answers_stay_within_the_limits(text: str, count: int) -> None:
    ids = tuple(f"C{n:09}" for n in range(count))
    names = tuple(f"pytorch-{n}.0" for n in range(count))
    line = answers.TeamLine("m" * 40, "S1", ids, names)
    progress = tuple(
        answers.Progress(n, Milestone.END_OF_AVAILABILITY, DAY + timedelta(days=7), ids, ids, ids) for n in names
    )
    changes = tuple(Change("T1", "C1", "U1", "settings", NOW, text, text) for _ in range(10))
    every: list[answers.Answer] = [
        answers.Mistaken(text or "x"),
        answers.Permissions(Managing.NAMED, tuple(f"U{n:08}" for n in range(min(count, 50)))),
        answers.Audit("UTC", changes, 2, more=True),
        answers.Asked("U1", text),
        answers.Asked("", text),
        answers.Settled("U1", "C1", text, granted=True, late=count % 2 == 0),
        answers.TeamList((line,) * min(count, 200)),
        answers.TeamShown(DAY, line, progress),
        answers.Inventory(
            DAY, "UTC", tuple(answers.InventoryLine(c, names, None, ("ml",) * 9) for c in ids[:15]), 2, 9, 99
        ),
        answers.Exported("\n".join((*names, text)), count),
        answers.Imported(names, names, ((text[:40], text, text),), count, applied=True),
        *(answers.Denied(why, text[:1000] or "x") for why in Refusal),
        *(answers.TeamChanged(act, line, ids, names, nothing) for act in TeamAct for nothing in (True, False)),
    ]
    for answer in every:
        message = draw(answer)
        assert check_message(message) == (), answer
        drawn = [b for b in message["blocks"] if "accessory" not in b]  # a value of a button is not drawn
        assert "<!channel>" not in str(drawn) + message["text"]
    imported = answers.Imported(names, names, (), count, applied=False)
    assert check_view(import_export.confirm(imported, "x")) == ()
    assert check_view(import_export.done(imported)) == ()
    for note in (
        answers.AskingNote("T1", "U1", "key", 1, "U2", "C1", text * 3, DAY),
        answers.GrantedNote("T1", "U1", "key", "", "C1", text * 3, granted=True, settled_at=NOW),
    ):
        assert check_message(messages.message(note)) == ()


@settings(max_examples=12, deadline=None)
@given(extreme, st.sampled_from([0, 300]), st.sampled_from([*Settled]), st.sampled_from([PAGE, "dates", "odd"]))
def test_extreme_words_to_the_operator_stay_within_the_limits(
    text: str, count: int, settled: Settled, field: str
) -> None:
    lines, by = (text,) * count, f"T1/{text}"
    one = Finding(
        1, DLVM, text, field, text, text, text, "f", lines, count > 0, NOW, settled, settled_by=by, settled_at=NOW
    )
    held = answers.HeldBack(one, text, NOW)
    for message in (
        messages.message(answers.OperatorMessage("T1", "C1", "key", "held", text, "https://x/", NOW, held)),
        messages.message(answers.OperatorMessage("T1", "C1", "key", text, text * 40, "https://x/|<!here>", NOW)),
        *(operator.reviewed(answers.Reviewed("T1", 1, answered, held)) for answered in answers.Answered),
    ):
        assert check_message(message) == (), message
        assert len(message["text"]) <= 4_000
        drawn = [b for b in message["blocks"] if b["type"] not in {"header", "actions"}]  # those are plain text
        assert "<!" not in message["text"] + str(drawn)
