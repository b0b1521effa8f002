"""The workspace as a JSON file, so that a restart finds it again."""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import MovableClock
from bot.sandbox.models import Channel, HomeView, Json, Message, Modal, ResponseUrl
from bot.sandbox.workspace import Workspace

FORMAT = 1


def save(path: Path, workspace: Workspace, clock: MovableClock) -> None:
    """Writes the file whole or not at all."""
    content = {
        "format": FORMAT,
        "installed": workspace.is_installed,
        "offset": clock.offset.total_seconds(),
        "channels": [asdict(channel) for channel in workspace.channels.values()],
        "modals": {user: [asdict(modal) for modal in stack] for user, stack in workspace.modals.items()},
        "homes": {user: asdict(home) for user, home in workspace.homes.items()},
        "hooks": [asdict(hook) for hook in workspace.response_urls.values()],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partly = path.with_name(f"{path.name}.new")
    partly.write_text(json.dumps(content), encoding="utf-8")
    partly.replace(path)


def load(path: Path, workspace: Workspace, clock: MovableClock) -> bool:
    """Takes up what the file holds; a file that cannot be read is put aside, and False says so."""
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
    channels = [_parse_channel(one) for one in content["channels"]]
    workspace.channels = {channel.channel_id: channel for channel in channels}
    workspace.modals = {user: [Modal(**modal) for modal in stack] for user, stack in content["modals"].items()}
    workspace.homes = {user: HomeView(**home) for user, home in content["homes"].items()}
    workspace.response_urls = {hook["hook_id"]: ResponseUrl(**hook) for hook in content["hooks"]}
    workspace.is_installed = bool(content.get("installed", True))
    clock.restore(timedelta(seconds=content["offset"]))


def _parse_channel(content: Json) -> Channel:
    return Channel(**{**content, "messages": [Message(**message) for message in content["messages"]]})
