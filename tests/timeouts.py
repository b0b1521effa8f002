"""Patience for tests that are not about time: a machine with other work may take its time."""

from datetime import timedelta

from bot.slack.client.timeouts import Patience

PATIENT = Patience(channel=60, membership=60, people=60, asking=60, opening=60, publishing=60)
"""Of the bot with Slack."""

LIMIT = timedelta(minutes=2)
"""Of Slack with the bot."""
