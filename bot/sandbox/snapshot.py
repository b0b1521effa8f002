"""The workspace as a JSON file, which survives restarts."""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import MovableClock
from bot.sandbox.models import Channel, HomeView, Json, Message, Modal, ResponseUrl
from bot.sandbox.workspace import Workspace

FORMAT = 2


def save(path: Path, workspace: Workspace, clock: MovableClock) -> None:
    """Write the file atomically."""
    content = {
        "format": FORMAT,
        "installed": workspace.is_installed,
        "offset": clock.offset.total_seconds(),
        "channels": [asdict(channel) for channel in workspace.channels.values()],
        "modals": {user: [asdict(modal) for modal in stack] for user, stack in workspace.modals.items()},
        "homes": {user: asdict(home) for user, home in workspace.homes.items()},
        "response_urls": [asdict(url) for url in workspace.response_urls.values()],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(path)


def load(path: Path, workspace: Workspace, clock: MovableClock) -> bool:
    """Restore the workspace and the clock. Return False if the file is invalid, after renaming it `.unreadable`."""
    if not path.exists():
        return True
    try:
        _restore(json.loads(path.read_text(encoding="utf-8")), workspace, clock)
    except (ValueError, TypeError, KeyError, AttributeError):
        path.replace(path.with_name(f"{path.name}.unreadable"))
        workspace.reset()
        clock.reset()
        return False
    return True


def _restore(content: Json, workspace: Workspace, clock: MovableClock) -> None:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']!r} is not {FORMAT}")
    channels = [_parse_channel(fields) for fields in content["channels"]]
    workspace.channels = {channel.channel_id: channel for channel in channels}
    workspace.modals = {user: [Modal(**modal) for modal in stack] for user, stack in content["modals"].items()}
    workspace.homes = {user: HomeView(**home) for user, home in content["homes"].items()}
    workspace.response_urls = {url["url_id"]: ResponseUrl(**url) for url in content["response_urls"]}
    workspace.is_installed = content["installed"]
    clock.restore(timedelta(seconds=content["offset"]))


def _parse_channel(fields: Json) -> Channel:
    return Channel(**{**fields, "messages": [Message(**message) for message in fields["messages"]]})
