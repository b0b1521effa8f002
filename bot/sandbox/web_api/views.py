"""The views.* methods of Slack's Web API: modals and Home."""

from bot.sandbox.models import Home, Json, Modal, SlackError
from bot.sandbox.workspace import Workspace, identified, new_id

MOST_STACKED = 3


def open_(workspace: Workspace, arguments: Json) -> Json:
    """views.open: a modal in front of whoever the trigger is for."""
    person = workspace.pull(arguments.get("trigger_id"))
    return _stacked(workspace, person, arguments, [])


def push(workspace: Workspace, arguments: Json) -> Json:
    """views.push: a modal on top of the others, three at most."""
    person = workspace.pull(arguments.get("trigger_id"))
    below = workspace.modals.get(person, [])
    if len(below) >= MOST_STACKED:
        raise SlackError("push_limit_reached")
    return _stacked(workspace, person, arguments, below)


def _stacked(workspace: Workspace, person: str, arguments: Json, below: list[Modal]) -> Json:
    view, trigger_id = arguments["view"], arguments["trigger_id"]
    view_id = new_id("V")
    root = below[0].view_id if below else view_id
    modal = Modal(view_id, person, view, workspace.hash(), root, below[-1].view_id if below else "")
    modal.channel_id = workspace.triggers[str(trigger_id)].channel_id
    workspace.modals[person] = [*below, modal]
    workspace.touch()
    return {"view": {**view, "id": view_id, "hash": modal.hash, "root_view_id": root}}


def update(workspace: Workspace, arguments: Json) -> Json:
    """views.update: another content for an open modal."""
    modal = workspace.modal(str(arguments.get("view_id", "")))
    if modal is None:
        raise SlackError("not_found")
    if arguments.get("hash") not in {None, modal.hash}:
        raise SlackError("hash_conflict")
    modal.view, modal.hash, modal.errors = arguments["view"], workspace.hash(), {}
    workspace.touch()
    return {"view": {**modal.view, "id": modal.view_id, "hash": modal.hash}}


def publish(workspace: Workspace, arguments: Json) -> Json:
    """views.publish: a person's Home."""
    person = str(arguments.get("user_id", ""))
    if person not in workspace.people:
        raise SlackError("user_not_found")
    home = workspace.homes.get(person)
    view = {**arguments["view"], "blocks": identified(arguments["view"]["blocks"])}
    workspace.homes[person] = Home(home.view_id if home else new_id("V"), view, workspace.hash())
    workspace.touch()
    return {"view": {**arguments["view"], "id": workspace.homes[person].view_id}}
