"""`dlvm ask`: any command's answer, drawn for a terminal or as JSON."""

import sys
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot import answers
from bot.bootstrap import core
from bot.commands import model, parser
from bot.service.place import Place, channel_at
from bot.settings import Settings
from storage import workspaces
from storage.database import Database
from storage.facts import Schedule

LOCAL_WORKSPACE = "T0LOCAL"
LOCAL_CHANNEL = "C0LOCAL"
"""Where a question without a workspace or channel is asked from."""

_NEGATIVE = (
    answers.WhichFramework,
    answers.NotInCatalogue,
    answers.DidYouMean,
    answers.MovingFamily,
    answers.OtherProduct,
    answers.Mistaken,
    answers.Denied,
)


def ask(settings: Settings, text: str, *, on: date | None, workspace_id: str, channel_id: str, as_json: bool) -> int:
    """Prints the answer; the exit code is 1 where the answer is no."""
    from bot.cli.rendering import draw_answer, json_of  # noqa: PLC0415 - after the cheap checks

    database = core.ready(settings)
    try:
        default = core.default_schedule(settings)
        place = _place(database, workspace_id, channel_id)
        conversation, _ = core.talking(database, default)
        command = parser.read(text)
        _warn(command, channel_id)
        answer = conversation.answer(command, place, _moment(database, place, default, on))
    finally:
        database.close()
    sys.stdout.write(json_of(answer) + "\n" if as_json else draw_answer(answer))
    return 1 if _is_negative(answer) else 0


def _place(database: Database, workspace_id: str, channel_id: str) -> Place:
    if not workspace_id:
        with database.reading() as session:
            known = workspaces.all(session)
        workspace_id = known[0].workspace_id if len(known) == 1 else LOCAL_WORKSPACE
    return Place(workspace_id, channel_id or LOCAL_CHANNEL)


def _moment(database: Database, place: Place, default: Schedule, on: date | None) -> datetime:
    """Now, or noon of the day in the channel's zone."""
    if on is None:
        return core.now()
    with database.reading() as session:
        zone = channel_at(session, place, default).schedule.zone
    return datetime.combine(on, time(12), ZoneInfo(zone)).astimezone(UTC)


def _warn(command: model.Command, channel_id: str) -> None:
    """Says so where a change would land in a channel that Slack does not have."""
    if model.written(command) and not channel_id:
        sys.stderr.write("No --channel given: this changes only a local one that Slack does not have.\n")


def _is_negative(answer: answers.Answer) -> bool:
    if isinstance(answer, answers.Help):
        return bool(answer.reason)
    if isinstance(answer, answers.ChannelSettings):
        return bool(answer.problems)
    return isinstance(answer, _NEGATIVE)
