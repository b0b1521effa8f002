"""`dlvm ask`: answer a command, rendered for a terminal or as JSON."""

import sys
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot import answers
from bot.bootstrap import core, use_cases
from bot.commands import model, parser
from bot.service.place import Place, get_channel
from bot.settings import Settings
from storage import workspaces
from storage.database import Database
from storage.facts import Schedule

LOCAL_WORKSPACE = "T0LOCAL"
LOCAL_CHANNEL = "C0LOCAL"
"""Used if no workspace or channel is given."""

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
    """Print the answer to a command as of a day (default: now). Return exit code 1 for a negative answer."""
    from bot.cli import rendering

    database = core.prepare_database(settings)
    try:
        default = core.build_default_schedule(settings)
        place = _choose_place(database, workspace_id, channel_id)
        dispatcher = use_cases.build_use_cases(database, default).dispatcher
        command = parser.parse(text)
        _warn_about_local_channel(command, channel_id)
        answer = dispatcher.dispatch(command, place, _choose_moment(database, place, default, day))
    finally:
        database.close()
    sys.stdout.write(rendering.render_answer_json(answer) + "\n" if as_json else rendering.render_answer(answer))
    return 1 if _is_negative(answer) else 0


def _choose_place(database: Database, workspace_id: str, channel_id: str) -> Place:
    if not workspace_id:
        with database.read_only() as session:
            known = workspaces.list_all(session)
        workspace_id = known[0].workspace_id if len(known) == 1 else LOCAL_WORKSPACE
    return Place(workspace_id, channel_id or LOCAL_CHANNEL)


def _choose_moment(database: Database, place: Place, default: Schedule, day: date | None) -> datetime:
    """Return noon of the day in the channel's time zone, or the current time if no day is given."""
    if day is None:
        return core.now()
    with database.read_only() as session:
        zone = get_channel(session, place, default).schedule.zone
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def _warn_about_local_channel(command: model.Command, channel_id: str) -> None:
    """Warn if the command changes a channel and none is given."""
    if command.format_change() and not channel_id:
        sys.stderr.write("No --channel: using a local test channel.\n")


def _is_negative(answer: answers.Answer) -> bool:
    if isinstance(answer, answers.Help):
        return bool(answer.reason)
    if isinstance(answer, answers.ChannelSettings):
        return bool(answer.errors)
    return isinstance(answer, _NEGATIVE_ANSWERS)
