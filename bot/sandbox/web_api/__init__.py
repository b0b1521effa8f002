"""A fake of Slack's Web API, on the local workspace."""
