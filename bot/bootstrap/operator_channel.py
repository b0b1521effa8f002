"""Whether what the operator has to hear reaches them: their channel, as settings, database and Slack have it."""

import logging
import time

from bot.answers import Reach
from bot.service.operator.channel import Operator
from bot.service.workspaces import installations
from bot.service.workspaces.installations import Installs
from bot.settings import Settings
from bot.slack.client.conversations import Reading
from bot.slack.client.identity import TokenRefusedError, UnreachableError, who_am_i
from storage.database import Database

logger = logging.getLogger(__name__)

UNSET = "not set: what needs a person is in the log, and in dlvm catalogue review and dlvm outbox"

_REACHED = {
    Reach.OK: ("dlvm can post there", ""),
    Reach.UNCHECKED: ("Slack did not say whether dlvm can post there", ""),
    Reach.NEEDS_INVITE: ("dlvm is not in it", "Type /invite @dlvm there"),
    Reach.ARCHIVED: ("it is archived", "Unarchive it, or set DLVM_OPERATOR_CHANNEL to another one"),
    Reach.UNREACHABLE: (
        "Slack does not show it to dlvm",
        "Type /invite @dlvm there, or set DLVM_OPERATOR_CHANNEL to another one",
    ),
}

Standing = tuple[bool, str, str]
"""Whether it is well, how it stands, and what to do."""


def standing(settings: Settings, database: Database) -> Standing:
    """How the operator's channel stands; asks Slack where there is a token for it."""
    operator = Operator(settings.dlvm_operator_channel)
    if not operator.setting:
        return True, UNSET, "Set DLVM_OPERATOR_CHANNEL to the id of a channel, like C0123456789"
    with database.reading() as session:
        place, trouble = operator.place(session), operator.trouble(session)
    if place is None:
        return False, trouble, ""
    reading = Reading(lambda workspace_id: _token(settings, database, workspace_id), settings.slack_api_url)
    reach = reading.look(place).reach
    reading.close()
    found, mend = _REACHED[reach]
    return reach in {Reach.OK, Reach.UNCHECKED}, f"{place.workspace_id}/{place.channel_id}: {found}", mend


def say(settings: Settings, database: Database) -> None:
    """Says in the log why nothing would reach the operator's channel."""
    with database.reading() as session:
        trouble = Operator(settings.dlvm_operator_channel).trouble(session)
    if trouble:
        logger.warning("%s", trouble)


def _token(settings: Settings, database: Database, workspace_id: str) -> str | None:
    """The token of the settings where it is that workspace's, else what the workspace installed the bot with."""
    own = settings.slack_bot_token
    try:
        if own is not None and who_am_i(own.get_secret_value(), settings.slack_api_url).workspace_id == workspace_id:
            return own.get_secret_value()
        return Installs(database, installations.Vault(settings.keys), time.monotonic).token_of(workspace_id)
    except (TokenRefusedError, UnreachableError, installations.KeysError):
        return None
