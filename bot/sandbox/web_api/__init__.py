"""The sandbox's stand-in for Slack's Web API."""
