"""`dlvm catalogue override` and `overrides` as typed by an operator."""

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
    """An operator at the command line, who can run the commands that messages suggest."""

    def run(self, line: str, code: int = 0) -> str:
        result = CliRunner().invoke(main.app, shlex.split(line.removeprefix("dlvm ")))
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.stderr


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: object) -> Operator:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(core, "now", lambda: NOW)
    return Operator()


def test_an_override_is_set_listed_exported_and_ended(operator: Operator) -> None:
    assert operator.run("catalogue overrides") == "No overrides.\n"
    line = (
        "pytorch-2.7 end_of_availability=2027-06-30, set by Ada on 1 Dec 2026 until 31 Dec 2027: case 123"
        " (page: 13 Apr 2027)\n"
    )
    assert operator.run(SET) == (
        f"{line}pytorch-2.7: the last day these images can be used is now 30 Jun 2027 (was 13 Apr 2027).\n"
        "Subscribed channels are notified at the next tick.\n"
    )
    assert operator.run("catalogue overrides") == line
    (override,) = json.loads(operator.run("catalogue overrides --json"))
    assert (override["day"], override["until"], override["set_by"], override["announced_upstream"]) == (
        "2027-06-30",
        "2027-12-31",
        "Ada",
        "2027-04-13",
    )
    rows = list(csv.DictReader(io.StringIO(operator.run("catalogue export --format csv"))))
    rows_by_override = {row["end_of_availability_override"]: row for row in rows}
    assert set(rows_by_override) == {"", "Ada: case 123"}
    torch = rows_by_override["Ada: case 123"]
    assert (torch["end_of_availability"], torch["end_of_availability_as_printed"]) == ("2027-06-30", "April 13, 2027")
    checks = json.loads(CliRunner().invoke(main.app, ["doctor", "--json"]).stdout)
    assert ("1 date is overridden", "See: dlvm catalogue overrides") in [(c["detail"], c["fix"]) for c in checks]
    assert "is now 13 Apr 2027" in operator.run("catalogue override pytorch-2.7 --end --by Ben")
    assert operator.run("catalogue overrides") == "No overrides.\n"
    assert "inactive since 1 Dec 2026: removed by Ben" in operator.run("catalogue overrides --all")


def test_two_dates_are_overridden_at_once_and_one_ended(operator: Operator) -> None:
    both = "catalogue override tf-2.17 end_of_patch=2026-08-01 end_of_availability_and_more=2027-08-01 --reason x"
    assert "isn't end_of_patch or end_of_availability" in operator.run(both, code=2)
    result = json.loads(operator.run(both.replace("_and_more", "") + " --json"))
    assert [override["set_by"] for override in result["overrides"]] == ["the command line", "the command line"]
    assert len(result["changes"]) == 2
    assert len(result["filled_in"]) == 1
    operator.run("catalogue override tf-2.17 end_of_patch --end")
    (left,) = json.loads(operator.run("catalogue overrides --json"))
    assert left["milestone"] == "end_of_availability"


def test_answers_show_who_overrode_a_date_and_why(operator: Operator) -> None:
    operator.run(SET)
    text = " ".join(operator.run('ask "status pytorch-2.7"').replace("│", " ").split())
    assert "30 Jun 2027, overridden" in text
    assert (
        "The last day these images can be used is overridden by Ada on 1 Dec 2026: case 123. Google’s page says"
        " 13 Apr 2027. The override ends after 31 Dec 2027."
    ) in text
    status = json.loads(operator.run('ask "status pytorch-2.7" --json'))
    info = {
        "set_by": "Ada",
        "reason": "case 123",
        "set_on": "2026-12-01",
        "until": "2027-12-31",
        "page_date": "2027-04-13",
    }
    (override,) = status["overrides"]
    assert info.items() <= override.items()
    (family,) = status["families"]
    assert family["end_of_availability_override"] == info
    assert family["end_of_patch_and_support_override"] is None
    for command in ("list", "upcoming 365d", "status pytorch-2.7", "check pytorch-2.7"):
        assert "overridden" in operator.run(f'ask "{command}"'), command


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("catalogue override pytorch-2.7", "No date is given."),
        ("catalogue override pytorch-2.7 end_of_patch=soon --reason x", "'soon' isn't a date"),
        ("catalogue override pytorch-2.7 end_of_life=2027-06-30 --reason x", "'end_of_life' isn't end_of_patch"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 end_of_patch=2026-08-30", "given twice"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30", "needs a reason"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 --reason x --until never", "'never' isn't a date"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 --reason x --until 2026-01-01", "is in the past"),
        ("catalogue override pytorch-2.7 end_of_availability=2026-01-01 --reason x", "would be before"),
        ("catalogue override pytorch-2.7 end_of_patch=2026-07-30 --reason x --family tf", "isn’t an image family"),
        ("catalogue override pytorch-2.7 end_of_patch=2126-07-30 --reason x", "is not between"),
    ],
)
def test_an_error_suggests_a_command_that_works(operator: Operator, typed: str, sentence: str) -> None:
    error = operator.run(typed, code=2)
    assert sentence in error
    assert error.endswith("Nothing was changed.\n")
    assert json.loads(operator.run("catalogue overrides --all --json")) == []
    operator.run(error.splitlines()[1].partition("dlvm ")[2])
    assert json.loads(operator.run("catalogue overrides --json"))


def test_ending_a_missing_override_lists_the_others(operator: Operator) -> None:
    assert "pytorch-2.7 has no override." in operator.run("catalogue override pytorch-2.7 --end", code=2)
    operator.run(SET)
    error = operator.run("catalogue override pytorch-2.7 end_of_everything --end", code=2)
    assert "'end_of_everything' isn't end_of_patch" in error
    error = operator.run("catalogue override pytorch-2.7 end_of_patch --end", code=2)
    operator.run(error.splitlines()[1].partition("dlvm ")[2])
    assert operator.run("catalogue overrides") == "No overrides.\n"


def test_a_manual_tick_ends_expired_overrides_first(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []

    class FakeDelivery:
        def deliver(self, _: object) -> TickResult:
            listed.append(operator.run("catalogue overrides"))
            return TickResult()

    monkeypatch.setattr(application, "open_delivery_loop", lambda _: nullcontext(FakeDelivery()))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    operator.run(SET)
    monkeypatch.setattr(core, "now", lambda: NOW.replace(year=2028))
    operator.run("tick")
    assert listed == ["No overrides.\n"]
