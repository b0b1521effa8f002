"""`dlvm keys` and `dlvm workspace`: what the operator does with stored tokens, and with all of one workspace."""

import json
import sys

from bot.bootstrap import core
from bot.service.workspaces import installations
from bot.settings import Settings, SettingsError
from storage import erasing


def new_key() -> str:
    """A key for DLVM_KEYS."""
    return installations.new_key()


def rotate(settings: Settings) -> int:
    """Encrypts every token with the first key; raises SettingsError where one can't be opened, and changes none."""
    database = core.ready(settings)
    try:
        count = installations.rotate(database, installations.Vault(settings.keys))
    except installations.KeysError as error:
        raise SettingsError((str(error),)) from None
    finally:
        database.close()
    tokens = "1 token is" if count == 1 else f"{count} tokens are"
    sys.stdout.write(f"{tokens} encrypted with the first key of DLVM_KEYS; the others are needed no longer.\n")
    return 0


def export(settings: Settings, workspace_id: str) -> int:
    """Prints all that is stored of a workspace; 1 where nothing is."""
    database = core.ready(settings)
    with database.reading() as session:
        found = erasing.export(session, workspace_id)
    database.close()
    if not found:
        return _unknown(workspace_id)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


def erase(settings: Settings, workspace_id: str) -> int:
    """Erases all that is stored of a workspace; 1 where nothing is."""
    database = core.ready(settings)
    count = database.run(lambda session: erasing.erase(session, workspace_id))
    database.close()
    if not count:
        return _unknown(workspace_id)
    sys.stdout.write(f"{workspace_id} is erased: {'1 row' if count == 1 else f'{count} rows'}.\n")
    return 0


def _unknown(workspace_id: str) -> int:
    sys.stderr.write(f"Nothing is stored of {workspace_id!r}: write Slack's team id, which begins with T.\n")
    return 1
