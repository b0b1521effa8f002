"""Loading of the bundled table, or of a local file that replaces it."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from bot import answers
from bot.bootstrap import core
from bot.bootstrap.use_cases import build_use_cases
from bot.catalogue import seed
from bot.cli import export, main
from bot.service.catalogue import bundled
from bot.slack.blocks.render import render
from storage import catalogue, catalogue_history, sources
from storage.database import Database
from storage.facts import DLVM, ImageFamily, Schedule
from tests.service.driver import SEED_READ_AT, Driver, RecordingSender, utc

NOW = utc("2026-11-25 12:00")
TORCH_27 = "pytorch-2-7-cu128-ubuntu-2204-nvidia-570"
LATER = "2026-11-01"


def write_file(folder: Path, *, as_of: str = LATER, without: str = "", **cells: str) -> Path:
    """Write the bundled rows as a file, with other cells in PyTorch 2.7's row."""
    rows = []
    for family in seed.load().families:
        row = export.build_row(family, listed=True) | {"as_of": as_of}
        if family.family == TORCH_27:
            row |= {f"{name}_as_printed": "" for name in cells} | cells
        rows += [row] if family.family != without else []
    path = folder / "our-dates.json"
    path.write_text(export.format_json(rows))
    return path


def list_stored(database: Database) -> dict[str, ImageFamily]:
    with database.read_only() as session:
        return {row.family: row for row in catalogue.list_all(session)}


def build_driver(database: Database) -> Driver:
    return Driver(database, build_use_cases(database, Schedule()), RecordingSender())


def test_file_replaces_the_bundled_table_on_an_empty_database(database: Database, tmp_path: Path) -> None:
    path = write_file(tmp_path, as_of="2026-01-01", end_of_availability="2027-10-13")
    assert bundled.load(database, NOW, path)
    assert list_stored(database)[TORCH_27].end_of_availability.day == date(2027, 10, 13)
    assert len(list_stored(database)) == 52
    assert not bundled.load(database, NOW, path)
    answer = build_driver(database).run("status pytorch-2.7", NOW)
    assert isinstance(answer, answers.Status)
    assert (answer.source.url, answer.source.as_of) == ("file:our-dates.json", date(2026, 1, 1))
    assert "Dates from your file `our-dates.json`, as of 1 Jan 2026." in render(answer)["text"]
    assert str(tmp_path) not in json.dumps(render(answer))


def test_newer_file_moves_dates_and_an_older_one_is_skipped(database: Database, tmp_path: Path) -> None:
    bundled.load_bundled(database, SEED_READ_AT)
    assert not bundled.load(database, NOW, write_file(tmp_path, as_of="2026-04-09", end_of_availability="2027-10-13"))
    assert bundled.load(database, NOW, write_file(tmp_path, end_of_availability="2027-10-13"))
    with database.read_only() as session:
        reading = catalogue.find_last_reading(session)
        (moved,) = catalogue_history.list_date_changes(session, DLVM, "pytorch-2.7")
    assert reading is not None
    assert (reading.source_url, str(reading.as_of), reading.rows) == ("file:our-dates.json", LATER, 52)
    assert (moved.version, str(moved.before), str(moved.after)) == ("pytorch-2.7", "2027-04-13", "2027-10-13")


def test_file_of_the_same_day_is_loaded_until_the_page_is_read(database: Database, tmp_path: Path) -> None:
    bundled.load_bundled(database, SEED_READ_AT)
    same_day = str(seed.AS_OF)
    assert not bundled.load(database, NOW, write_file(tmp_path, as_of=same_day))
    assert bundled.load(database, NOW, write_file(tmp_path, as_of=same_day, end_of_availability="2027-10-13"))

    with database.transaction() as session:
        sources.set_polling(session, NOW)
        sources.save_poll_result(session, replace(sources.find(session), last_good_at=NOW))
    assert not bundled.load(database, NOW, write_file(tmp_path, as_of=same_day, end_of_availability="2027-12-13"))
    assert list_stored(database)[TORCH_27].end_of_availability.day == date(2027, 10, 13)


def test_missing_and_unlisted_families_of_a_file_vanish(database: Database, tmp_path: Path) -> None:
    path = write_file(tmp_path)
    rows = json.loads(path.read_text())
    rows[0]["listed"] = False
    path.write_text(json.dumps(rows))
    assert bundled.load(database, NOW, path)
    assert not bundled.load(database, NOW, path)
    with database.read_only() as session:
        assert catalogue.list_vanished(session) == {rows[0]["family"]}
    assert len(list_stored(database)) == 52
    assert bundled.load(database, NOW, write_file(tmp_path, as_of="2026-11-02", without=TORCH_27))
    with database.read_only() as session:
        assert catalogue.list_vanished(session) == {TORCH_27}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_export_of_a_loaded_export_is_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str, form: str
) -> None:
    def run_cli(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main.app, list(arguments))
        assert result.exit_code == code, result.output
        return result.stdout

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(core, "now", lambda: NOW)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    run_cli("migrate")
    before = run_cli("catalogue", "export", "--format", form)
    path = tmp_path / f"ours.{form}"
    path.write_text(before)
    monkeypatch.setenv("DLVM_CATALOGUE_FILE", str(path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/another.db")
    assert "updated" in run_cli("migrate")
    assert run_cli("catalogue", "export", "--format", form) == before
    assert "already up to date" in run_cli("migrate")
    assert f"your file ours.{form}" in run_cli("ask", "status pytorch-2.7")


def test_migrate_and_doctor_report_a_skipped_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    CliRunner().invoke(main.app, ["migrate"])
    monkeypatch.setenv("DLVM_CATALOGUE_FILE", str(write_file(tmp_path, as_of="2026-04-09")))
    result = CliRunner().invoke(main.app, ["migrate"])
    assert result.stderr == (
        "DLVM_CATALOGUE_FILE wasn't loaded: our-dates.json (9 Apr 2026) is not newer than the catalogue (10 Apr 2026)."
        " To load it, give its rows a later as_of.\n"
    )
    checks = {check["check"]: check for check in json.loads(CliRunner().invoke(main.app, ["doctor", "--json"]).stdout)}
    assert "not loaded: our-dates.json" in checks["file"]["detail"]
    write_file(tmp_path)
    assert CliRunner().invoke(main.app, ["migrate"]).stderr == ""


def test_unreadable_file_stops_every_command_without_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database, database_url: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([["version", "family"], ["pytorch-2.7", TORCH_27]])
    path = tmp_path / "dates.csv"
    path.write_text(text.getvalue())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DLVM_CATALOGUE_FILE", str(path))
    for command in (["migrate"], ["ask", "list"], ["tick", "--dry-run"]):
        monkeypatch.setattr("sys.argv", ["dlvm", *command])
        with pytest.raises(SystemExit) as exit_info:
            main.main()
        assert exit_info.value.code == 2
    with database.read_only() as session:
        assert catalogue.find_last_reading(session, DLVM) is None


def test_error_names_file_line_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dates.csv"
    path.write_text("version,family\npytorch-2.7,x\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DLVM_CATALOGUE_FILE", str(path))
    monkeypatch.setattr("sys.argv", ["dlvm", "migrate"])
    with pytest.raises(SystemExit):
        main.main()
    assert capsys.readouterr().err == (
        "DLVM_CATALOGUE_FILE can’t be read: dates.csv, line 1, column label: missing"
        " (dlvm catalogue export writes it).\n"
    )
