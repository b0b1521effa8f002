"""Whether what the operator has to hear reaches them: their channel, as settings, database and Slack have it."""

import logging
import time

from bot.answers import ChannelReach
from bot.service.operator.channel import OperatorChannel
from bot.service.workspaces import installations
from bot.service.workspaces.installations import InstallationRegistry
from bot.settings import Settings
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.identity import TokenRefusedError, UnreachableError, fetch_identity
from storage.database import Database

logger = logging.getLogger(__name__)

NOT_SET = "not set: what needs a person is in the log, and in dlvm catalogue review and dlvm outbox"

_DETAILS_BY_REACH = {
    ChannelReach.OK: ("dlvm can post there", ""),
    ChannelReach.UNCHECKED: ("Slack did not say whether dlvm can post there", ""),
    ChannelReach.NEEDS_INVITE: ("dlvm is not in it", "Type /invite @dlvm there"),
    ChannelReach.ARCHIVED: ("it is archived", "Unarchive it, or set DLVM_OPERATOR_CHANNEL to another one"),
    ChannelReach.UNREACHABLE: (
        "Slack does not show it to dlvm",
        "Type /invite @dlvm there, or set DLVM_OPERATOR_CHANNEL to another one",
    ),
}

ChannelCheck = tuple[bool, str, str]
"""Whether it is well, how it stands, and what to do."""


def check_operator_channel(settings: Settings, database: Database) -> ChannelCheck:
    """How the operator's channel stands; asks Slack where there is a token for it."""
    operator = OperatorChannel(settings.dlvm_operator_channel)
    if not operator.setting:
        return True, NOT_SET, "Set DLVM_OPERATOR_CHANNEL to the id of a channel, like C0123456789"
    with database.read_only() as session:
        place, trouble = operator.find_place(session), operator.find_problem(session)
    if place is None:
        return False, trouble, ""
    reading = ConversationsClient(
        lambda workspace_id: _find_token(settings, database, workspace_id), settings.slack_api_url
    )
    reach = reading.look_up(place).reach
    reading.close()
    found, mend = _DETAILS_BY_REACH[reach]
    return reach in {ChannelReach.OK, ChannelReach.UNCHECKED}, f"{place.workspace_id}/{place.channel_id}: {found}", mend


def log_problem(settings: Settings, database: Database) -> None:
    """Says in the log why nothing would reach the operator's channel."""
    with database.read_only() as session:
        trouble = OperatorChannel(settings.dlvm_operator_channel).find_problem(session)
    if trouble:
        logger.warning("%s", trouble)


def _find_token(settings: Settings, database: Database, workspace_id: str) -> str | None:
    """The token of the settings where it is that workspace's, else what the workspace installed the bot with."""
    own = settings.slack_bot_token
    try:
        if (
            own is not None
            and fetch_identity(own.get_secret_value(), settings.slack_api_url).workspace_id == workspace_id
        ):
            return own.get_secret_value()
        return InstallationRegistry(
            database, installations.TokenVault(settings.encryption_keys), time.monotonic
        ).find_token(workspace_id)
    except (TokenRefusedError, UnreachableError, installations.KeysError):
        return None
