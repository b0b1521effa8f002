"""`dlvm subscriptions export|import`: a channel's subscriptions and settings to and from a file."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import AsJson, ChannelId, Context, WorkspaceId, choose_workspace, exit_with_error, open_context

if TYPE_CHECKING:
    from bot import answers
    from bot.service.place import Place
    from bot.service.subscriptions.import_export import ImportExport

MAX_BYTES = 64_000


def export_channel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="File to write; - is stdout.")] = "-",
    channel: ChannelId = "",
    workspace: WorkspaceId = "",
) -> None:
    """Write a channel's subscriptions and settings as YAML."""
    with open_context() as context:
        text = _build_use_case(context).export(_find_place(context, workspace, channel)).text
    if file in {"", "-"}:
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        exit_with_error(f"{file} can't be written: {error.strerror}.")


def import_channel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="File written by `export`; - is stdin.")],
    channel: ChannelId = "",
    workspace: WorkspaceId = "",
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference. The exit code is 1 if there is one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Apply a subscriptions file to a channel (all or nothing)."""
    from bot import answers
    from bot.bootstrap import core

    with open_context() as context:
        text = _read_text(file)
        place, use_case = _find_place(context, workspace, channel), _build_use_case(context)
        result = use_case.compare(text, place) if dry_run else use_case.apply(text, place, core.now())
    if isinstance(result, answers.InvalidRequest):
        exit_with_error(result.message, "Nothing was changed.")
    if as_json:
        from bot.cli.rendering import render_answer_json

        sys.stdout.write(f"{render_answer_json(result)}\n")
    else:
        sys.stdout.write(f"{_format_difference(result)}\n")
    sys.exit(1 if dry_run and result.has_changes else 0)


def _build_use_case(context: Context) -> ImportExport:
    from bot.bootstrap import core
    from bot.bootstrap.use_cases import build_use_cases

    return build_use_cases(context.database, core.build_default_schedule(context.settings)).import_export


def _find_place(context: Context, workspace_id: str, channel_id: str) -> Place:
    """Return the channel. Exit with code 2 if none is given, or its workspace is unclear."""
    from bot.service.place import Place

    if not channel_id:
        exit_with_error("No channel given. Use --channel C0123456789.")
    return Place(choose_workspace(context.database, workspace_id), channel_id)


def _read_text(path: str) -> str:
    """Return the text of a file, or of stdin for `-`. Exit with code 2 if it can't be used."""
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            exit_with_error(f"{path} is larger than {MAX_BYTES:,} bytes.")
        return content.decode("utf-8")
    except UnicodeDecodeError:
        exit_with_error(f"{path} isn't UTF-8.")
    except OSError as error:
        exit_with_error(f"{path} can't be read: {error.strerror}.")


def _format_difference(result: answers.ImportResult) -> str:
    lines = [f"+ {target}" for target in result.added] + [f"- {target}" for target in result.removed]
    lines += [f"~ {name}: {json.dumps(before)} -> {json.dumps(after)}" for name, before, after in result.settings]
    verb = "imported" if result.is_applied else "would be imported"
    lines.append(f"{verb}, {result.unchanged} unchanged" if result.has_changes else "no difference")
    return "\n".join(lines)
