"""The views.* methods: modals and Home."""

from bot.sandbox.models import HomeView, Json, Modal, SlackError
from bot.sandbox.workspace import Workspace, assign_ids, create_id

MAX_STACK_DEPTH = 3


def open_view(workspace: Workspace, arguments: Json) -> Json:
    """Handle views.open."""
    user_id = workspace.use_trigger(arguments.get("trigger_id"))
    return _stack_modal(workspace, user_id, arguments, [])


def push_view(workspace: Workspace, arguments: Json) -> Json:
    """Handle views.push."""
    user_id = workspace.use_trigger(arguments.get("trigger_id"))
    below = workspace.modals.get(user_id, [])
    if len(below) >= MAX_STACK_DEPTH:
        raise SlackError("push_limit_reached")
    return _stack_modal(workspace, user_id, arguments, below)


def _stack_modal(workspace: Workspace, user_id: str, arguments: Json, below: list[Modal]) -> Json:
    view, trigger_id = arguments["view"], arguments["trigger_id"]
    view_id = create_id("V")
    root_id = below[0].view_id if below else view_id
    modal = Modal(view_id, user_id, view, workspace.create_hash(), root_id, below[-1].view_id if below else "")
    modal.channel_id = workspace.triggers[str(trigger_id)].channel_id
    workspace.modals[user_id] = [*below, modal]
    workspace.mark_changed()
    return {"view": {**view, "id": view_id, "hash": modal.hash, "root_view_id": root_id}}


def update_view(workspace: Workspace, arguments: Json) -> Json:
    """Handle views.update for an open modal."""
    modal = workspace.find_modal(str(arguments.get("view_id", "")))
    if modal is None:
        raise SlackError("not_found")
    if arguments.get("hash") not in {None, modal.hash}:
        raise SlackError("hash_conflict")
    modal.view, modal.hash, modal.errors = arguments["view"], workspace.create_hash(), {}
    workspace.mark_changed()
    return {"view": {**modal.view, "id": modal.view_id, "hash": modal.hash}}


def publish_home(workspace: Workspace, arguments: Json) -> Json:
    """Handle views.publish."""
    user_id = str(arguments.get("user_id", ""))
    if user_id not in workspace.people:
        raise SlackError("user_not_found")
    home = workspace.homes.get(user_id)
    view = {**arguments["view"], "blocks": assign_ids(arguments["view"]["blocks"])}
    workspace.homes[user_id] = HomeView(home.view_id if home else create_id("V"), view, workspace.create_hash())
    workspace.mark_changed()
    return {"view": {**arguments["view"], "id": workspace.homes[user_id].view_id}}
