"""`dlvm subscriptions export|import`: a channel's subscriptions and settings to and from a file."""

import json
import sys
from pathlib import Path

from bot import answers
from bot.bootstrap import core
from bot.bootstrap.use_cases import build_use_cases
from bot.service.place import Place
from bot.service.subscriptions.import_export import ImportExport
from bot.settings import Settings
from storage import workspaces
from storage.database import Database

MAX_BYTES = 64_000

_CHANNEL_REQUIRED = (
    "No channel given. Use --channel C0123456789, and --workspace T0123456789 if dlvm is in several workspaces."
)


def export_file(settings: Settings, path: str, *, workspace_id: str, channel_id: str) -> int:
    """Write the channel's document to a file, or to stdout for `-`. Return exit code 2 if the channel is unclear."""
    database = core.prepare_database(settings)
    try:
        place = _find_place(database, workspace_id, channel_id)
        text = _build_import_export(database, settings).export(place).text if place else ""
    finally:
        database.close()
    if place is None:
        return _print_errors(_CHANNEL_REQUIRED)
    if path in {"", "-"}:
        sys.stdout.write(text)
        return 0
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        return _print_errors(f"{path} can't be written: {error.strerror}.")
    return 0


def import_file(
    settings: Settings, path: str, *, workspace_id: str, channel_id: str, dry_run: bool, as_json: bool = False
) -> int:
    """Apply a document to the channel, and print the difference.

    Return exit code 0 if it was applied or nothing differs, 1 if a dry run found a difference, and 2, changing
    nothing, if the file or the channel is invalid.
    """
    text = _read_text(path)
    if text is None:
        return 2
    database = core.prepare_database(settings)
    try:
        place = _find_place(database, workspace_id, channel_id)
        if place is None:
            return _print_errors(_CHANNEL_REQUIRED)
        use_case = _build_import_export(database, settings)
        result = use_case.compare(text, place) if dry_run else use_case.apply(text, place, core.now())
    finally:
        database.close()
    if isinstance(result, answers.InvalidRequest):
        return _print_errors(result.message, "Nothing was changed.")
    _print_difference(result, as_json=as_json)
    return 1 if dry_run and result.has_changes else 0


def _build_import_export(database: Database, settings: Settings) -> ImportExport:
    return build_use_cases(database, core.build_default_schedule(settings)).import_export


def _find_place(database: Database, workspace_id: str, channel_id: str) -> Place | None:
    """Return the channel, in the only workspace if none is named, or None if it is unclear."""
    if not workspace_id:
        with database.read_only() as session:
            known = workspaces.list_all(session)
        workspace_id = known[0].workspace_id if len(known) == 1 else ""
    return Place(workspace_id, channel_id) if workspace_id and channel_id else None


def _read_text(path: str) -> str | None:
    """Return the text of a file, or of stdin for `-`. Print the problem and return None if it can't be used."""
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if path == "-" else _read_bytes(Path(path))
        if len(content) > MAX_BYTES:
            _print_errors(f"{path} is larger than {MAX_BYTES:,} bytes.")
            return None
        return content.decode("utf-8")
    except UnicodeDecodeError:
        _print_errors(f"{path} isn't UTF-8.")
    except OSError as error:
        _print_errors(f"{path} can't be read: {error.strerror}.")
    return None


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _print_difference(result: answers.ImportResult, *, as_json: bool) -> None:
    if as_json:
        from bot.cli.rendering import render_answer_json

        sys.stdout.write(render_answer_json(result) + "\n")
        return
    lines = [f"+ {target}" for target in result.added] + [f"- {target}" for target in result.removed]
    lines += [f"~ {name}: {json.dumps(before)} -> {json.dumps(after)}" for name, before, after in result.settings]
    verb = "imported" if result.is_applied else "would be imported"
    lines.append(f"{verb}, {result.unchanged} unchanged" if result.has_changes else "no difference")
    sys.stdout.write("\n".join(lines) + "\n")


def _print_errors(*sentences: str) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return 2
