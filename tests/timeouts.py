"""Patience for tests that are not about time: a machine with other work may take its time."""

from datetime import timedelta

from bot.slack.client.timeouts import Timeouts

LONG_TIMEOUTS = Timeouts(channel=60, membership=60, users=60, user_call=60, modal=60, home=60)
"""Of the bot with Slack."""

REQUEST_LIMIT = timedelta(minutes=2)
"""Of Slack with the bot."""
