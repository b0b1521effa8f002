"""`dlvm keys rotate` and `dlvm workspace`: manage stored tokens, and export or delete a workspace's data."""

import json
import sys

from bot.bootstrap import core
from bot.service.workspaces import installations
from bot.settings import Settings, SettingsError
from storage import workspace_data


def rotate_keys(settings: Settings) -> int:
    """Encrypt every token with the first key. Raise SettingsError if a token can't be decrypted, changing none."""
    database = core.prepare_database(settings)
    try:
        count = installations.rotate_keys(database, installations.TokenVault(settings.encryption_keys))
    except installations.KeysError as error:
        raise SettingsError((str(error),)) from None
    finally:
        database.close()
    tokens = "1 token" if count == 1 else f"{count} tokens"
    sys.stdout.write(f"Encrypted {tokens} with the first key in DLVM_KEYS. You can remove the other keys.\n")
    return 0


def export_workspace(settings: Settings, workspace_id: str) -> int:
    """Print a workspace's data as JSON. Return exit code 1 if there is none."""
    database = core.prepare_database(settings)
    with database.read_only() as session:
        data = workspace_data.export(session, workspace_id)
    database.close()
    if not data:
        return _report_unknown(workspace_id)
    sys.stdout.write(json.dumps(data, indent=1) + "\n")
    return 0


def erase_workspace(settings: Settings, workspace_id: str) -> int:
    """Delete a workspace's data. Return exit code 1 if there is none."""
    database = core.prepare_database(settings)
    count = database.run(lambda session: workspace_data.delete(session, workspace_id))
    database.close()
    if not count:
        return _report_unknown(workspace_id)
    sys.stdout.write(f"Deleted {workspace_id} ({'1 row' if count == 1 else f'{count} rows'}).\n")
    return 0


def _report_unknown(workspace_id: str) -> int:
    sys.stderr.write(f"No data for {workspace_id!r}. Use a Slack team ID, which starts with T.\n")
    return 1
