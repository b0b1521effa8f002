"""The check that the operator's channel can be reached, from the settings, the database and Slack."""

import logging
import time
from functools import partial

from bot.answers import ChannelReach
from bot.service.operator.channel import OperatorChannel
from bot.service.workspaces import installations
from bot.service.workspaces.installations import InstallationRegistry
from bot.settings import Settings
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.identity import TokenRefusedError, UnreachableError, fetch_identity
from storage.database import Database

logger = logging.getLogger(__name__)

NOT_SET = "not set: items needing attention are logged, and shown by dlvm catalogue review and dlvm outbox"

_DETAILS_BY_REACH = {
    ChannelReach.OK: ("dlvm can post there", ""),
    ChannelReach.UNCHECKED: ("Slack didn’t say whether dlvm can post there", ""),
    ChannelReach.NEEDS_INVITE: ("dlvm is not a member", "Type /invite @dlvm in that channel"),
    ChannelReach.ARCHIVED: ("the channel is archived", "Unarchive it, or set DLVM_OPERATOR_CHANNEL to another channel"),
    ChannelReach.UNREACHABLE: (
        "dlvm can’t see the channel",
        "Type /invite @dlvm in that channel, or set DLVM_OPERATOR_CHANNEL to another channel",
    ),
}

ChannelCheck = tuple[bool, str, str]
"""True if the channel is reachable or not set, what was found, and what to do about it."""


def check_operator_channel(settings: Settings, database: Database) -> ChannelCheck:
    """Check the operator's channel. Asks Slack if the settings or an installation have a token for it."""
    operator = OperatorChannel(settings.dlvm_operator_channel)
    if not operator.setting:
        return True, NOT_SET, "Set DLVM_OPERATOR_CHANNEL to a channel ID, e.g. C0123456789"
    with database.read_only() as session:
        place, problem = operator.find_place(session), operator.find_problem(session)
    if place is None:
        return False, problem, ""
    conversations = ConversationsClient(partial(_find_token, settings, database), settings.slack_api_url)
    reach = conversations.look_up(place).reach
    conversations.close()
    detail, fix = _DETAILS_BY_REACH[reach]
    return reach in {ChannelReach.OK, ChannelReach.UNCHECKED}, f"{place.workspace_id}/{place.channel_id}: {detail}", fix


def log_problem(settings: Settings, database: Database) -> None:
    """Log a warning if messages to the operator can't be delivered."""
    with database.read_only() as session:
        problem = OperatorChannel(settings.dlvm_operator_channel).find_problem(session)
    if problem:
        logger.warning("%s", problem)


def _find_token(settings: Settings, database: Database, workspace_id: str) -> str | None:
    own_token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    try:
        if own_token and fetch_identity(own_token, settings.slack_api_url).workspace_id == workspace_id:
            return own_token
        vault = installations.TokenVault(settings.encryption_keys)
        return InstallationRegistry(database, vault, time.monotonic).find_token(workspace_id)
    except (TokenRefusedError, UnreachableError, installations.KeysError):
        return None
