"""The operator channel: notices to the people who run dlvm, and their reviews of quarantined values."""
