"""A local workspace in which the real bot runs without a Slack account."""
