"""`dlvm subscriptions export|import`: a channel's subscriptions and settings to and from a file."""

import json
import sys
from pathlib import Path

from bot import answers
from bot.bootstrap import core
from bot.commands.dispatcher import Dispatcher
from bot.service.place import Place
from bot.settings import Settings
from storage import workspaces
from storage.database import Database

MAX_BYTES = 64_000


def export_file(settings: Settings, path: str, *, workspace_id: str, channel_id: str) -> int:
    """Writes the channel's document to the file, or prints it; exit code 2 where it can't be told which channel."""
    database = core.prepare_database(settings)
    try:
        place = _find_place(database, workspace_id, channel_id)
        text = _build_dispatcher(database, settings).import_export.export(place).text if place else ""
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
    """Has the channel be as the file says, and prints the difference.

    The exit code is 0 where it was done or nothing differs, 1 where a dry run found a difference, 2 where the file
    or the channel is wrong; then nothing was changed.
    """
    text = _read_text(path)
    if text is None:
        return 2
    database = core.prepare_database(settings)
    try:
        place = _find_place(database, workspace_id, channel_id)
        if place is None:
            return _print_errors(_CHANNEL_REQUIRED)
        bulk = _build_dispatcher(database, settings).import_export
        difference = bulk.compare(text, place) if dry_run else bulk.apply(text, place, core.now())
    finally:
        database.close()
    if isinstance(difference, answers.InvalidRequest):
        return _print_errors(difference.message, "Nothing was changed.")
    _print_difference(difference, as_json=as_json)
    return 1 if dry_run and difference.has_changes else 0


_CHANNEL_REQUIRED = "Say which channel: --channel C0123456789, and --workspace T0123456789 where the bot is in several."


def _build_dispatcher(database: Database, settings: Settings) -> Dispatcher:
    conversation, _ = core.build_dispatcher(database, core.build_default_schedule(settings))
    return conversation


def _find_place(database: Database, workspace_id: str, channel_id: str) -> Place | None:
    """The channel; the workspace need not be named where there is one."""
    if not workspace_id:
        with database.read_only() as session:
            known = workspaces.list_all(session)
        workspace_id = known[0].workspace_id if len(known) == 1 else ""
    return Place(workspace_id, channel_id) if workspace_id and channel_id else None


def _read_text(path: str) -> str | None:
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if path == "-" else _read_bytes(Path(path))
        if len(content) > MAX_BYTES:
            _print_errors(f"{path} is larger than {MAX_BYTES:,} bytes.")
            return None
        return content.decode("utf-8")
    except UnicodeDecodeError:
        _print_errors(f"{path} is not UTF-8.")
    except OSError as error:
        _print_errors(f"{path} can't be read: {error.strerror}.")
    return None


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _print_difference(difference: answers.ImportResult, *, as_json: bool) -> None:
    if as_json:
        from bot.cli.rendering import render_answer_json  # noqa: PLC0415 - brings rich

        sys.stdout.write(render_answer_json(difference) + "\n")
        return
    lines = [f"+ {target}" for target in difference.added] + [f"- {target}" for target in difference.removed]
    lines += [f"~ {name}: {json.dumps(before)} -> {json.dumps(after)}" for name, before, after in difference.settings]
    done = "imported" if difference.is_applied else "would be imported"
    lines.append(f"{done}: {difference.unchanged} subscriptions stay" if difference.has_changes else "nothing differs")
    sys.stdout.write("\n".join(lines) + "\n")


def _print_errors(*sentences: str) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return 2
