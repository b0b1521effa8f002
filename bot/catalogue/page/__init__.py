"""Parser of the documentation page that lists framework versions."""
