"""The initial workspace, Acme ML, with its people and channels."""

from bot.sandbox.models import Channel, Person, UserGroup

TEAM_ID = "T0SANDBOX"
TEAM_NAME = "Acme ML"
TEAM_DOMAIN = "acme-ml"
APP_ID = "A0DLVM"
BOT_ID = "B0DLVM"
BOT_USER_ID = "U0DLVM"
SLACKBOT_ID = "USLACKBOT"
"""Author of messages that Slack itself would post."""

DEFAULT_ACTOR = "U0ANA"
ACTORS = (DEFAULT_ACTOR, "U0BEN", "U0GUEST")
"""People that the page can act as."""

DIRECT_MESSAGES = {person: f"D{person[1:]}" for person in ACTORS}
"""Channel of each actor's direct message with the bot."""

OPERATOR_CHANNEL = "C0OPERATORS"

USER_GROUPS = (
    UserGroup("S0MLONCALL", "ml-oncall", "ML on call", ("U0BEN", "U0CHEN")),
    UserGroup("S0PLATFORM", "platform-team", "Platform team", ("U0BEN",)),
)


def build_people() -> dict[str, Person]:
    """Build the people, by ID."""
    people = (
        Person(DEFAULT_ACTOR, "ana", "Ana Ruiz", "Europe/Madrid"),
        Person("U0BEN", "ben", "Ben Okafor", "America/New_York"),
        Person("U0CHEN", "chen", "Chen Wei", "Asia/Taipei"),
        Person("U0GUEST", "gita", "Gita Rao (guest)", "Asia/Kolkata", is_guest=True),
        Person(BOT_USER_ID, "dlvm", "dlvm", is_bot=True),
        Person(SLACKBOT_ID, "slackbot", "Workspace", is_bot=True),
    )
    return {person.user_id: person for person in people}


def build_channels() -> dict[str, Channel]:
    """Build the channels, by ID and in the sidebar's order."""
    team = [DEFAULT_ACTOR, "U0BEN", "U0CHEN"]
    channels = (
        Channel("C0TRAINING", "ml-training", [*team, "U0GUEST", BOT_USER_ID], topic="Training jobs and their images"),
        Channel("C0SERVING", "ml-serving", [*team, BOT_USER_ID], topic="Models in production"),
        Channel("C0PLATFORM", "platform", list(team), topic="dlvm isn’t in this channel yet: /invite @dlvm"),
        Channel("C0GPU", "gpu-budget", [DEFAULT_ACTOR, "U0CHEN"], is_private=True, topic="Quotas and invoices"),
        Channel(
            OPERATOR_CHANNEL, "dlvm-operators", [DEFAULT_ACTOR, "U0BEN", BOT_USER_ID], topic="Operator notifications"
        ),
        Channel("C0OLD", "old-project", [*team, BOT_USER_ID], is_archived=True),
        *(
            Channel(channel_id, "dlvm", [person, BOT_USER_ID], is_private=True, is_im=True)
            for person, channel_id in DIRECT_MESSAGES.items()
        ),
    )
    return {channel.channel_id: channel for channel in channels}
