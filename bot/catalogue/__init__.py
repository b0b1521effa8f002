"""Sources of facts: bundled tables, Google's page and release notes, and a local file."""
