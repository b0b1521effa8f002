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


def load(path: Path, workspace: Workspace, clock: MovableClock) -> None:
    """Restore the workspace and the clock. Rename an invalid file to `.unreadable`, and start afresh."""
    if not path.exists():
        return
    try:
        _restore(json.loads(path.read_text(encoding="utf-8")), workspace, clock)
    except (ValueError, TypeError, KeyError, AttributeError):
        path.replace(path.with_name(f"{path.name}.unreadable"))
        workspace.reset()
        clock.reset()


def _restore(content: Json, workspace: Workspace, clock: MovableClock) -> None:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']!r} is not {FORMAT}")
    workspace.channels = {
        fields["channel_id"]: Channel(**{**fields, "messages": [Message(**message) for message in fields["messages"]]})
        for fields in content["channels"]
    }
    workspace.modals = {user: [Modal(**modal) for modal in stack] for user, stack in content["modals"].items()}
    workspace.homes = {user: HomeView(**home) for user, home in content["homes"].items()}
    workspace.response_urls = {url["url_id"]: ResponseUrl(**url) for url in content["response_urls"]}
    workspace.is_installed = content["installed"]
    clock.offset = timedelta(seconds=content["offset"])
