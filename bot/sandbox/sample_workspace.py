"""The workspace that everybody finds at first: Acme ML, its people and channels."""

from bot.sandbox.models import Channel, Person, UserGroup

TEAM_ID = "T0SANDBOX"
TEAM_NAME = "Acme ML"
TEAM_DOMAIN = "acme-ml"
APP_ID = "A0DLVM"
BOT_ID = "B0DLVM"
BOT_USER_ID = "U0DLVM"
DEFAULT_ACTOR = "U0ANA"
"""Whom the page acts for at first."""
ACTORS = (DEFAULT_ACTOR, "U0BEN", "U0GUEST")
"""Whom it can act for."""
SLACKBOT_ID = "USLACKBOT"
"""Who speaks where Slack itself would."""
DIRECT_MESSAGES = {person: f"D{person[1:]}" for person in ACTORS}
"""The direct messages between people and the bot."""

OPERATOR_CHANNEL = "C0OPERATORS"
"""The channel of whoever runs the bot."""

USER_GROUPS = (
    UserGroup("S0MLONCALL", "ml-oncall", "ML on call", ("U0BEN", "U0CHEN")),
    UserGroup("S0PLATFORM", "platform-team", "Platform team", ("U0BEN",)),
)


def build_people() -> dict[str, Person]:
    """Everybody, by id."""
    everybody = (
        Person(DEFAULT_ACTOR, "ana", "Ana Ruiz", "Europe/Madrid"),
        Person("U0BEN", "ben", "Ben Okafor", "America/New_York"),
        Person("U0CHEN", "chen", "Chen Wei", "Asia/Taipei"),
        Person("U0GUEST", "gita", "Gita Rao (guest)", "Asia/Kolkata", is_guest=True),
        Person(BOT_USER_ID, "dlvm", "dlvm", is_bot=True),
        Person(SLACKBOT_ID, "slackbot", "Workspace", is_bot=True),
    )
    return {person.user_id: person for person in everybody}


def build_channels() -> dict[str, Channel]:
    """Every channel, by id, in the sidebar's order."""
    all_of_us = [DEFAULT_ACTOR, "U0BEN", "U0CHEN", "U0GUEST"]
    team = [DEFAULT_ACTOR, "U0BEN", "U0CHEN"]
    every = (
        Channel("C0TRAINING", "ml-training", [*all_of_us, BOT_USER_ID], topic="Training jobs and their images"),
        Channel("C0SERVING", "ml-serving", [*team, BOT_USER_ID], topic="Models in production"),
        Channel("C0PLATFORM", "platform", list(team), topic="dlvm is not in here yet: /invite @dlvm"),
        Channel("C0GPU", "gpu-budget", [DEFAULT_ACTOR, "U0CHEN"], is_private=True, topic="Quotas and invoices"),
        Channel(
            OPERATOR_CHANNEL,
            "dlvm-operators",
            [DEFAULT_ACTOR, "U0BEN", BOT_USER_ID],
            topic="What whoever runs dlvm has to hear",
        ),
        Channel("C0OLD", "old-project", [*team, BOT_USER_ID], is_archived=True),
        *(
            Channel(direct, "dlvm", [who, BOT_USER_ID], is_private=True, is_im=True)
            for who, direct in DIRECT_MESSAGES.items()
        ),
    )
    return {channel.channel_id: channel for channel in every}
