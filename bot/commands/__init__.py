"""What people can type, parsed and dispatched; shared by Slack and the command line."""
