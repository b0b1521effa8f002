"""`dlvm keys` and `dlvm workspace`: what the operator does with stored tokens, and with all of one workspace."""

import json
import sys

from bot.bootstrap import core
from bot.service.workspaces import installations
from bot.settings import Settings, SettingsError
from storage import workspace_data


def create_key() -> str:
    """A key for DLVM_KEYS."""
    return installations.generate_key()


def rotate_keys(settings: Settings) -> int:
    """Encrypts every token with the first key; raises SettingsError where one can't be opened, and changes none."""
    database = core.prepare_database(settings)
    try:
        count = installations.rotate_keys(database, installations.TokenVault(settings.encryption_keys))
    except installations.KeysError as error:
        raise SettingsError((str(error),)) from None
    finally:
        database.close()
    tokens = "1 token is" if count == 1 else f"{count} tokens are"
    sys.stdout.write(f"{tokens} encrypted with the first key of DLVM_KEYS; the others are needed no longer.\n")
    return 0


def export_workspace(settings: Settings, workspace_id: str) -> int:
    """Prints all that is stored of a workspace; 1 where nothing is."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        found = workspace_data.export(session, workspace_id)
    database.close()
    if not found:
        return _report_unknown(workspace_id)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


def erase_workspace(settings: Settings, workspace_id: str) -> int:
    """Erases all that is stored of a workspace; 1 where nothing is."""
    database = core.prepare_database(settings)
    count = database.run(lambda session: workspace_data.delete(session, workspace_id))
    database.close()
    if not count:
        return _report_unknown(workspace_id)
    sys.stdout.write(f"{workspace_id} is erased: {'1 row' if count == 1 else f'{count} rows'}.\n")
    return 0


def _report_unknown(workspace_id: str) -> int:
    sys.stderr.write(f"Nothing is stored of {workspace_id!r}: write Slack's team id, which begins with T.\n")
    return 1
