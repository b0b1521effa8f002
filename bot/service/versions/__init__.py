"""Questions about framework versions."""
