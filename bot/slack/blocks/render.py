"""Every answer to its drawing."""

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
    sister_products,
    status,
    subscriptions,
    teams,
    version_lists,
)

LONGEST_PLAIN = 500
_MARKS = re.compile(r"[`*]")


@lru_cache(maxsize=256)
def acknowledgement(answer: answers.Answer) -> str:
    """What a command is acknowledged with, for whoever typed it alone: kept, for equal answers look the same."""
    return json.dumps({"response_type": "ephemeral", **draw(answer)})


def draw(answer: answers.Answer) -> kit.Message:  # noqa: C901, PLR0911, PLR0912 - one case an answer is the table it stands for
    """The answer as a message: full text beside its blocks."""
    match answer:
        case answers.Status():
            return status.status(answer)
        case answers.Successor():
            return status.successor(answer)
        case answers.SisterStatus():
            return sister_products.status(answer)
        case answers.SisterList():
            return sister_products.versions(answer)
        case answers.VersionList():
            return version_lists.versions(answer)
        case answers.Upcoming():
            return version_lists.upcoming(answer)
        case answers.History():
            return history.history(answer)
        case answers.Subscribed():
            return subscriptions.subscribed(answer)
        case answers.Unsubscribed():
            return subscriptions.unsubscribed(answer)
        case answers.SubscriptionList():
            return subscriptions.listing(answer)
        case answers.ChannelSettings():
            return settings.settings(answer)
        case answers.Preview():
            return preview.preview(answer)
        case answers.Checked():
            return image_check.checked(answer)
        case answers.WhichFramework():
            return clarifications.which_framework(answer)
        case answers.DidYouMean():
            return clarifications.did_you_mean(answer)
        case answers.NotInCatalogue():
            return clarifications.not_in_catalogue(answer)
        case answers.MovingFamily():
            return clarifications.moving_family(answer)
        case answers.OtherProduct():
            return clarifications.other_product(answer)
        case answers.Help():
            return clarifications.help_(answer)
        case answers.Mistaken():
            return permissions.mistaken(answer)
        case answers.Denied():
            return permissions.denied(answer)
        case answers.Permissions():
            return permissions.permissions(answer)
        case answers.Audit():
            return permissions.audit(answer)
        case answers.Asked():
            return permissions.asked(answer)
        case answers.Settled():
            return permissions.settled(answer)
        case answers.TeamList():
            return teams.listing(answer)
        case answers.TeamShown():
            return teams.shown(answer)
        case answers.TeamChanged():
            return teams.changed(answer)
        case answers.Inventory():
            return teams.inventory(answer)
        case answers.Exported():
            return import_export.exported(answer)
        case answers.ImportForm():
            return import_export.form_needed(answer)
        case answers.Imported():
            return import_export.imported(answer)
        case _:
            assert_never(answer)


def plainly(answer: answers.Answer) -> str:
    """What the answer says, for a place that shows no formatting and little text."""
    return _MARKS.sub("", str(draw(answer)["text"]))[:LONGEST_PLAIN]
