"""Rendering of any answer."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bot import answers
from bot.slack.blocks import (
    clarifications,
    history,
    image_check,
    import_export,
    kit,
    permissions,
    preview,
    settings,
    status,
    subscriptions,
    teams,
    version_lists,
)

MAX_PLAIN_LENGTH = 500
_FORMATTING = re.compile(r"[`*]")

RENDERERS: dict[type[answers.Answer], Callable[[Any], kit.Message]] = {
    answers.Status: status.render_status,
    answers.Successor: status.render_successor,
    answers.VersionList: version_lists.render_list,
    answers.UpcomingDates: version_lists.render_upcoming,
    answers.History: history.render,
    answers.Subscribed: subscriptions.render_subscribed,
    answers.Unsubscribed: subscriptions.render_unsubscribed,
    answers.SubscriptionList: subscriptions.render_list,
    answers.ChannelSettings: settings.render,
    answers.Preview: preview.render,
    answers.ImageCheck: image_check.render,
    answers.WhichFramework: clarifications.render_which_framework,
    answers.DidYouMean: clarifications.render_did_you_mean,
    answers.NotInCatalogue: clarifications.render_not_in_catalogue,
    answers.RollingFamily: clarifications.render_rolling_family,
    answers.OtherProduct: clarifications.render_other_product,
    answers.Help: clarifications.render_help,
    answers.InvalidRequest: permissions.render_invalid_request,
    answers.PermissionDenied: permissions.render_denied,
    answers.Permissions: permissions.render_permissions,
    answers.AuditPage: permissions.render_audit,
    answers.AccessRequested: permissions.render_access_requested,
    answers.AccessDecision: permissions.render_access_decision,
    answers.TeamList: teams.render_list,
    answers.TeamDetails: teams.render_details,
    answers.TeamUpdate: teams.render_update,
    answers.Inventory: teams.render_inventory,
    answers.ChannelExport: import_export.render_export,
    answers.ImportForm: import_export.render_form_required,
    answers.ImportResult: import_export.render_import,
}


@lru_cache(maxsize=256)
def render_acknowledgement(answer: answers.Answer) -> str:
    """Render the JSON that acknowledges a command, visible only to its user. Cached, because equal answers recur."""
    return json.dumps({"response_type": "ephemeral", **render(answer)})


def render(answer: answers.Answer) -> kit.Message:
    """Render an answer as a message of blocks, with all of it as text too."""
    return RENDERERS[type(answer)](answer)


def render_plain_text(answer: answers.Answer) -> str:
    """Render an answer as short text without formatting, for form errors and similar places."""
    return _FORMATTING.sub("", str(render(answer)["text"]))[:MAX_PLAIN_LENGTH]
