"""Dates set by hand, as whoever runs the bot types and sees them."""

import csv
import io
import json
import shlex
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bot.bootstrap import application, core
from bot.cli import main
from bot.service.delivery.loop import TickResult

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
SET = 'catalogue override pytorch-2.7 end_of_availability=2027-06-30 --reason "case 123" --by Ada --until 2027-12-31'


class Operator:
    """Somebody at a terminal who may copy what they are told to type."""

    def run(self, line: str, code: int = 0) -> str:
        done = CliRunner().invoke(main.app, shlex.split(line.removeprefix("dlvm ")))
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> Operator:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(core, "now", lambda: NOW)
    return Operator()


def test_a_date_is_set_listed_exported_counted_and_ended(operator: Operator) -> None:
    assert operator.run("catalogue overrides") == "No date is set by hand.\n"
    line = (
        "pytorch-2.7 end_of_availability=2027-06-30, set by Ada on 1 Dec 2026, through 31 Dec 2027: case 123"
        " (the page says 13 Apr 2027)\n"
    )
    assert operator.run(SET) == (
        f"{line}pytorch-2.7: the last day these images can be used is 30 Jun 2027 now, and was 13 Apr 2027.\n"
        "Channels that watch it are told at the next tick.\n"
    )
    assert operator.run("catalogue overrides") == line
    (one,) = json.loads(operator.run("catalogue overrides --json"))
    assert (one["day"], one["until"], one["set_by"], one["upstream"]) == (
        "2027-06-30",
        "2027-12-31",
        "Ada",
        "2027-04-13",
    )
    rows = list(csv.DictReader(io.StringIO(operator.run("catalogue export --format csv"))))
    said = {row["end_of_availability_by_hand"]: row for row in rows}
    assert set(said) == {"", "Ada: case 123"}
    torch = said["Ada: case 123"]
    assert (torch["end_of_availability"], torch["end_of_availability_as_printed"]) == ("2027-06-30", "April 13, 2027")
    checks = json.loads(CliRunner().invoke(main.app, ["doctor", "--json"]).stdout)
    assert ("1 date is set by hand", "See: dlvm catalogue overrides") in [(c["found"], c["mend"]) for c in checks]
    assert "is 13 Apr 2027 now" in operator.run("catalogue override pytorch-2.7 --end --by Ben")
    assert operator.run("catalogue overrides") == "No date is set by hand.\n"
    assert "over since 1 Dec 2026: ended by Ben" in operator.run("catalogue overrides --all")


def test_several_dates_are_set_at_once_as_json_and_one_of_them_ended(operator: Operator) -> None:
    both = "catalogue override tf-2.17 end_of_patch=2026-08-01 end_of_availability_and_more=2027-08-01 --reason x"
    assert "none of end_of_patch, end_of_availability" in operator.run(both, code=2)
    done = json.loads(operator.run(both.replace("_and_more", "") + " --json"))
    assert [each["set_by"] for each in done["overrides"]] == ["the terminal", "the terminal"]
    assert len(done["changes"]) == 2
    assert len(done["filled_in"]) == 1
    operator.run("catalogue override tf-2.17 end_of_patch --end")
    (left,) = json.loads(operator.run("catalogue overrides --json"))
    assert left["milestone"] == "end_of_availability"


def test_status_says_who_and_why_in_text_and_json_and_lists_bear_a_mark(operator: Operator) -> None:
    operator.run(SET)
    drawn = " ".join(operator.run('ask "status pytorch-2.7"').replace("│", " ").split())
    assert "30 Jun 2027, overridden" in drawn
    assert (
        "The last day these images can be used is overridden by Ada on 1 Dec 2026: case 123. Google’s page says"
        " 13 Apr 2027. The override ends after 31 Dec 2027."
    ) in drawn
    status = json.loads(operator.run('ask "status pytorch-2.7" --json'))
    who = {"by": "Ada", "reason": "case 123", "on": "2026-12-01", "until": "2027-12-31", "page_says": "2027-04-13"}
    (one,) = status["by_hand"]
    assert who.items() <= one.items()
    (family,) = status["families"]
    assert family["end_of_availability_by_hand"] == who
    assert family["end_of_patch_and_support_by_hand"] is None
    for asked in ("list", "upcoming 365d", "status pytorch-2.7", "check pytorch-2.7"):
        text = operator.run(f'ask "{asked}"')
        assert "overridden" in text, asked


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("catalogue override pytorch-2.7", "Say which date holds."),
        ("catalogue override pytorch-2.7 end_of_patch=soon --reason x", "'soon' is not a date"),
        ("catalogue override pytorch-2.7 end_of_life=2027-06-30 --reason x", "'end_of_life' is none of"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 end_of_patch=2026-08-30", "named twice"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30", "for a reason"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 --reason x --until never", "'never' is not a date"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 --reason x --until 2026-01-01", "behind already"),
        ("catalogue override pytorch-2.7 end_of_availability=2026-01-01 --reason x", "would be before"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 --reason x --family tf", "is no image family"),
        ("catalogue override pytorch-2.7 end_of_patch=2126-07-30 --reason x", "is not a day from"),
    ],
)
def test_a_mistake_says_what_to_type_and_that_works(operator: Operator, typed: str, sentence: str) -> None:
    said = operator.run(typed, code=2)
    assert sentence in said
    assert said.endswith("Nothing was changed.\n")
    assert json.loads(operator.run("catalogue overrides --all --json")) == []
    operator.run(said.splitlines()[1].partition("dlvm ")[2])
    assert json.loads(operator.run("catalogue overrides --json"))


def test_ending_what_is_not_set_says_what_is(operator: Operator) -> None:
    assert "No date of pytorch-2.7 is set by hand." in operator.run("catalogue override pytorch-2.7 --end", code=2)
    operator.run(SET)
    wrong = operator.run("catalogue override pytorch-2.7 end_of_everything --end", code=2)
    assert "'end_of_everything' is none of" in wrong
    said = operator.run("catalogue override pytorch-2.7 end_of_patch --end", code=2)
    operator.run(said.splitlines()[1].partition("dlvm ")[2])
    assert operator.run("catalogue overrides") == "No date is set by hand.\n"


def test_a_tick_by_hand_ends_what_is_over_before_it_delivers(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []

    class Delivery:
        def deliver(self, _: object) -> TickResult:
            left.append(operator.run("catalogue overrides"))
            return TickResult()

    monkeypatch.setattr(application, "open_delivery_loop", lambda _: nullcontext(Delivery()))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    operator.run(SET)
    monkeypatch.setattr(core, "now", lambda: NOW.replace(year=2028))
    operator.run("tick")
    assert left == ["No date is set by hand.\n"]
