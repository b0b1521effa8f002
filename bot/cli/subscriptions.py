"""`dlvm subscriptions export|import`: a channel's subscriptions and settings to and from a file."""

import json
import sys
from pathlib import Path

from bot import answers
from bot.bootstrap import core
from bot.commands.dispatcher import Conversation
from bot.service.place import Place
from bot.settings import Settings
from storage import workspaces
from storage.database import Database

MOST_BYTES = 64_000


def export(settings: Settings, path: str, *, workspace_id: str, channel_id: str) -> int:
    """Writes the channel's document to the file, or prints it; exit code 2 where it can't be told which channel."""
    database = core.ready(settings)
    try:
        place = _place(database, workspace_id, channel_id)
        text = _conversation(database, settings).bulk.export(place).text if place else ""
    finally:
        database.close()
    if place is None:
        return _stopped(_WHICH)
    if path in {"", "-"}:
        sys.stdout.write(text)
        return 0
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        return _stopped(f"{path} can't be written: {error.strerror}.")
    return 0


def import_(
    settings: Settings, path: str, *, workspace_id: str, channel_id: str, dry_run: bool, as_json: bool = False
) -> int:
    """Has the channel be as the file says, and prints the difference.

    The exit code is 0 where it was done or nothing differs, 1 where a dry run found a difference, 2 where the file
    or the channel is wrong; then nothing was changed.
    """
    text = _read(path)
    if text is None:
        return 2
    database = core.ready(settings)
    try:
        place = _place(database, workspace_id, channel_id)
        if place is None:
            return _stopped(_WHICH)
        bulk = _conversation(database, settings).bulk
        found = bulk.compare(text, place) if dry_run else bulk.apply(text, place, core.now())
    finally:
        database.close()
    if isinstance(found, answers.Mistaken):
        return _stopped(found.sentence, "Nothing was changed.")
    _print(found, as_json=as_json)
    return 1 if dry_run and found.changes else 0


_WHICH = "Say which channel: --channel C0123456789, and --workspace T0123456789 where the bot is in several."


def _conversation(database: Database, settings: Settings) -> Conversation:
    conversation, _ = core.talking(database, core.default_schedule(settings))
    return conversation


def _place(database: Database, workspace_id: str, channel_id: str) -> Place | None:
    """The channel; the workspace need not be named where there is one."""
    if not workspace_id:
        with database.reading() as session:
            known = workspaces.all(session)
        workspace_id = known[0].workspace_id if len(known) == 1 else ""
    return Place(workspace_id, channel_id) if workspace_id and channel_id else None


def _read(path: str) -> str | None:
    try:
        content = sys.stdin.buffer.read(MOST_BYTES + 1) if path == "-" else _bytes(Path(path))
        if len(content) > MOST_BYTES:
            _stopped(f"{path} is larger than {MOST_BYTES:,} bytes.")
            return None
        return content.decode("utf-8")
    except UnicodeDecodeError:
        _stopped(f"{path} is not UTF-8.")
    except OSError as error:
        _stopped(f"{path} can't be read: {error.strerror}.")
    return None


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _print(found: answers.Imported, *, as_json: bool) -> None:
    if as_json:
        from bot.cli.rendering import json_of  # noqa: PLC0415 - brings rich

        sys.stdout.write(json_of(found) + "\n")
        return
    lines = [f"+ {target}" for target in found.added] + [f"- {target}" for target in found.removed]
    lines += [f"~ {name}: {json.dumps(before)} -> {json.dumps(after)}" for name, before, after in found.settings]
    done = "imported" if found.applied else "would be imported"
    lines.append(f"{done}: {found.kept} subscriptions stay" if found.changes else "nothing differs")
    sys.stdout.write("\n".join(lines) + "\n")


def _stopped(*sentences: str) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return 2
