"""Rendering of any answer."""

import json
import re
from functools import lru_cache
from typing import assert_never

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


@lru_cache(maxsize=256)
def render_acknowledgement(answer: answers.Answer) -> str:
    """Render the JSON that acknowledges a command, visible only to its user. Cached, because equal answers recur."""
    return json.dumps({"response_type": "ephemeral", **render(answer)})


def render(answer: answers.Answer) -> kit.Message:  # noqa: C901, PLR0911, PLR0912 - a table with one case for each answer
    """Render an answer as a message of blocks, with all of it as text too."""
    match answer:
        case answers.Status():
            return status.render_status(answer)
        case answers.Successor():
            return status.render_successor(answer)
        case answers.VersionList():
            return version_lists.render_list(answer)
        case answers.Upcoming():
            return version_lists.render_upcoming(answer)
        case answers.History():
            return history.render(answer)
        case answers.Subscribed():
            return subscriptions.render_subscribed(answer)
        case answers.Unsubscribed():
            return subscriptions.render_unsubscribed(answer)
        case answers.SubscriptionList():
            return subscriptions.render_list(answer)
        case answers.ChannelSettings():
            return settings.render(answer)
        case answers.Preview():
            return preview.render(answer)
        case answers.ImageCheck():
            return image_check.render(answer)
        case answers.WhichFramework():
            return clarifications.render_which_framework(answer)
        case answers.DidYouMean():
            return clarifications.render_did_you_mean(answer)
        case answers.NotInCatalogue():
            return clarifications.render_not_in_catalogue(answer)
        case answers.RollingFamily():
            return clarifications.render_rolling_family(answer)
        case answers.OtherProduct():
            return clarifications.render_other_product(answer)
        case answers.Help():
            return clarifications.render_help(answer)
        case answers.InvalidRequest():
            return permissions.render_invalid_request(answer)
        case answers.PermissionDenied():
            return permissions.render_denied(answer)
        case answers.Permissions():
            return permissions.render_permissions(answer)
        case answers.AuditPage():
            return permissions.render_audit(answer)
        case answers.AccessRequested():
            return permissions.render_access_requested(answer)
        case answers.AccessDecision():
            return permissions.render_access_decision(answer)
        case answers.TeamList():
            return teams.render_list(answer)
        case answers.TeamDetails():
            return teams.render_details(answer)
        case answers.TeamUpdate():
            return teams.render_update(answer)
        case answers.Inventory():
            return teams.render_inventory(answer)
        case answers.ChannelExport():
            return import_export.render_export(answer)
        case answers.ImportForm():
            return import_export.render_form_required(answer)
        case answers.ImportResult():
            return import_export.render_import(answer)
        case _:
            assert_never(answer)


def render_plain_text(answer: answers.Answer) -> str:
    """Render an answer as short text without formatting, for form errors and similar places."""
    return _FORMATTING.sub("", str(render(answer)["text"]))[:MAX_PLAIN_LENGTH]
