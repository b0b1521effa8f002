"""The fake Slack server of the tests for Slack."""

from tests.slack.conftest import slack_server

__all__ = ["slack_server"]
