"""`dlvm ask`: answer a command, rendered for a terminal or as JSON."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import AsJson, ChannelId, WorkspaceId, choose_workspace, exit_with_error, open_context

if TYPE_CHECKING:
    from bot import answers
    from bot.service.place import Place
    from storage.database import Database
    from storage.facts import Schedule

LOCAL_CHANNEL = "C0LOCAL"
"""Used if no channel is given."""


def ask(
    text: Annotated[str, typer.Argument(help='What you would type after /dlvm, e.g. "status pytorch-2.3".')],
    on: Annotated[str, typer.Option(help="Date to answer for, e.g. 2027-04-13 (default: today).")] = "",
    workspace: WorkspaceId = "",
    channel: ChannelId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Answer a command as Slack would. The exit code is 1 for a negative answer."""
    from bot.bootstrap import core, use_cases
    from bot.cli import rendering
    from bot.commands import parser
    from bot.service.place import Place

    day = _parse_day(on) if on else None
    with open_context() as context:
        default = core.build_default_schedule(context.settings)
        place = Place(choose_workspace(context.database, workspace), channel or LOCAL_CHANNEL)
        dispatcher = use_cases.build_use_cases(context.database, default).dispatcher
        command = parser.parse(text)
        if command.format_change() and not channel:
            sys.stderr.write("No --channel: using a local test channel.\n")
        answer = dispatcher.dispatch(command, place, _choose_moment(context.database, place, default, day))
    sys.stdout.write(rendering.render_answer_json(answer) + "\n" if as_json else rendering.render_answer(answer))
    sys.exit(1 if _is_negative(answer) else 0)


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        exit_with_error(f"--on must be a date like 2027-04-13, not {text[:40]!r}.")


def _choose_moment(database: Database, place: Place, default: Schedule, day: date | None) -> datetime:
    """Return noon of the day in the channel's time zone, or the current time if no day is given."""
    from zoneinfo import ZoneInfo

    from bot.bootstrap import core
    from bot.service.place import get_channel

    if day is None:
        return core.now()
    with database.read_only() as session:
        zone = get_channel(session, place, default).schedule.zone
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def _is_negative(answer: answers.Answer) -> bool:
    from bot import answers

    match answer:
        case answers.Help():
            return bool(answer.reason)
        case answers.ChannelSettings():
            return bool(answer.errors)
        case (
            answers.WhichFramework()
            | answers.NotInCatalogue()
            | answers.DidYouMean()
            | answers.RollingFamily()
            | answers.OtherProduct()
            | answers.InvalidRequest()
            | answers.PermissionDenied()
        ):
            return True
        case _:
            return False
