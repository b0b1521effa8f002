"""A Slack that records each request."""

from tests.slack.conftest import misbehaving

__all__ = ["misbehaving"]
