"""Commands that people can type in Slack and on the command line: model, parsers and dispatcher."""
