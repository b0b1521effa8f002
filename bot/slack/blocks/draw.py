"""Every answer to its drawing."""

import json
import re
from functools import lru_cache
from typing import assert_never

from bot import answers
from bot.slack.blocks import (
    asking,
    checked,
    documents,
    governing,
    history,
    kit,
    lists,
    preview,
    settings,
    sisters,
    status,
    subscriptions,
    teams,
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
            return sisters.status(answer)
        case answers.SisterList():
            return sisters.versions(answer)
        case answers.VersionList():
            return lists.versions(answer)
        case answers.Upcoming():
            return lists.upcoming(answer)
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
            return checked.checked(answer)
        case answers.WhichFramework():
            return asking.which_framework(answer)
        case answers.DidYouMean():
            return asking.did_you_mean(answer)
        case answers.NotInCatalogue():
            return asking.not_in_catalogue(answer)
        case answers.MovingFamily():
            return asking.moving_family(answer)
        case answers.OtherProduct():
            return asking.other_product(answer)
        case answers.Help():
            return asking.help_(answer)
        case answers.Mistaken():
            return governing.mistaken(answer)
        case answers.Denied():
            return governing.denied(answer)
        case answers.Permissions():
            return governing.permissions(answer)
        case answers.Audit():
            return governing.audit(answer)
        case answers.Asked():
            return governing.asked(answer)
        case answers.Settled():
            return governing.settled(answer)
        case answers.TeamList():
            return teams.listing(answer)
        case answers.TeamShown():
            return teams.shown(answer)
        case answers.TeamChanged():
            return teams.changed(answer)
        case answers.Inventory():
            return teams.inventory(answer)
        case answers.Exported():
            return documents.exported(answer)
        case answers.ImportForm():
            return documents.form_needed(answer)
        case answers.Imported():
            return documents.imported(answer)
        case _:
            assert_never(answer)


def plainly(answer: answers.Answer) -> str:
    """What the answer says, for a place that shows no formatting and little text."""
    return _MARKS.sub("", str(draw(answer)["text"]))[:LONGEST_PLAIN]
