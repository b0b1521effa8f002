"""`dlvm ask`: any command's answer, drawn for a terminal or as JSON."""

import sys
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot import answers
from bot.bootstrap import core
from bot.commands import model, parser
from bot.service.place import Place, get_channel
from bot.settings import Settings
from storage import workspaces
from storage.database import Database
from storage.facts import Schedule

LOCAL_WORKSPACE = "T0LOCAL"
LOCAL_CHANNEL = "C0LOCAL"
"""Where a question without a workspace or channel is asked from."""

_NEGATIVE_ANSWERS = (
    answers.WhichFramework,
    answers.NotInCatalogue,
    answers.DidYouMean,
    answers.RollingFamily,
    answers.OtherProduct,
    answers.InvalidRequest,
    answers.PermissionDenied,
)


def ask(settings: Settings, text: str, *, day: date | None, workspace_id: str, channel_id: str, as_json: bool) -> int:
    """Prints the answer; the exit code is 1 where the answer is no."""
    from bot.cli.rendering import render_answer, render_answer_json  # noqa: PLC0415 - after the cheap checks

    database = core.prepare_database(settings)
    try:
        default = core.build_default_schedule(settings)
        place = _choose_place(database, workspace_id, channel_id)
        conversation, _ = core.build_dispatcher(database, default)
        command = parser.parse(text)
        _warn_about_local_channel(command, channel_id)
        answer = conversation.dispatch(command, place, _choose_moment(database, place, default, day))
    finally:
        database.close()
    sys.stdout.write(render_answer_json(answer) + "\n" if as_json else render_answer(answer))
    return 1 if _is_negative(answer) else 0


def _choose_place(database: Database, workspace_id: str, channel_id: str) -> Place:
    if not workspace_id:
        with database.read_only() as session:
            known = workspaces.list_all(session)
        workspace_id = known[0].workspace_id if len(known) == 1 else LOCAL_WORKSPACE
    return Place(workspace_id, channel_id or LOCAL_CHANNEL)


def _choose_moment(database: Database, place: Place, default: Schedule, day: date | None) -> datetime:
    """Now, or noon of the day in the channel's zone."""
    if day is None:
        return core.now()
    with database.read_only() as session:
        zone = get_channel(session, place, default).schedule.zone
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def _warn_about_local_channel(command: model.Command, channel_id: str) -> None:
    """Says so where a change would land in a channel that Slack does not have."""
    if model.format_command(command) and not channel_id:
        sys.stderr.write("No --channel given: this changes only a local one that Slack does not have.\n")


def _is_negative(answer: answers.Answer) -> bool:
    if isinstance(answer, answers.Help):
        return bool(answer.reason)
    if isinstance(answer, answers.ChannelSettings):
        return bool(answer.errors)
    return isinstance(answer, _NEGATIVE_ANSWERS)
