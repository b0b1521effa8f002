"""Names of versions, families and images."""
