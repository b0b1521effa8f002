"""Parser of the release notes feed."""
