"""Timeouts for tests that are not about time, long enough for a busy machine."""

from datetime import timedelta

from bot.slack.client.timeouts import Timeouts

LONG_TIMEOUTS = Timeouts(channel=60, membership=60, users=60, user_call=60, modal=60, home=60)
"""Of the bot's calls to Slack."""

REQUEST_LIMIT = timedelta(minutes=2)
"""How long the bot can take to answer a request from Slack."""
