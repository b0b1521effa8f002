"""Bolt listeners: what people and Slack send."""
