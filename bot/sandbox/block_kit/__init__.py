"""Slack's Block Kit rules, checked by the sandbox."""
