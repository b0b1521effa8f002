"""Validation of Block Kit payloads by Slack's documented rules."""
