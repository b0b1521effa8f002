"""The HTTP door: the guard in front of Slack's endpoint, and health."""
