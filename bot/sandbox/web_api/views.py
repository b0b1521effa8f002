"""The views.* methods of Slack's Web API: modals and Home."""

from bot.sandbox.models import HomeView, Json, Modal, SlackError
from bot.sandbox.workspace import Workspace, assign_ids, create_id

MAX_STACK_DEPTH = 3


def open_view(workspace: Workspace, arguments: Json) -> Json:
    """views.open: a modal in front of whoever the trigger is for."""
    person = workspace.use_trigger(arguments.get("trigger_id"))
    return _stack_modal(workspace, person, arguments, [])


def push_view(workspace: Workspace, arguments: Json) -> Json:
    """views.push: a modal on top of the others, three at most."""
    person = workspace.use_trigger(arguments.get("trigger_id"))
    below = workspace.modals.get(person, [])
    if len(below) >= MAX_STACK_DEPTH:
        raise SlackError("push_limit_reached")
    return _stack_modal(workspace, person, arguments, below)


def _stack_modal(workspace: Workspace, person: str, arguments: Json, below: list[Modal]) -> Json:
    view, trigger_id = arguments["view"], arguments["trigger_id"]
    view_id = create_id("V")
    root = below[0].view_id if below else view_id
    modal = Modal(view_id, person, view, workspace.create_hash(), root, below[-1].view_id if below else "")
    modal.channel_id = workspace.triggers[str(trigger_id)].channel_id
    workspace.modals[person] = [*below, modal]
    workspace.mark_changed()
    return {"view": {**view, "id": view_id, "hash": modal.hash, "root_view_id": root}}


def update_view(workspace: Workspace, arguments: Json) -> Json:
    """views.update: another content for an open modal."""
    modal = workspace.find_modal(str(arguments.get("view_id", "")))
    if modal is None:
        raise SlackError("not_found")
    if arguments.get("hash") not in {None, modal.hash}:
        raise SlackError("hash_conflict")
    modal.view, modal.hash, modal.errors = arguments["view"], workspace.create_hash(), {}
    workspace.mark_changed()
    return {"view": {**modal.view, "id": modal.view_id, "hash": modal.hash}}


def publish_home(workspace: Workspace, arguments: Json) -> Json:
    """views.publish: a person's Home."""
    person = str(arguments.get("user_id", ""))
    if person not in workspace.people:
        raise SlackError("user_not_found")
    home = workspace.homes.get(person)
    view = {**arguments["view"], "blocks": assign_ids(arguments["view"]["blocks"])}
    workspace.homes[person] = HomeView(home.view_id if home else create_id("V"), view, workspace.create_hash())
    workspace.mark_changed()
    return {"view": {**arguments["view"], "id": workspace.homes[person].view_id}}
