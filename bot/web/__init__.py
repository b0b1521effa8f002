"""The HTTP server: Slack's endpoint behind a guard, the catalogue API, health and metrics."""
