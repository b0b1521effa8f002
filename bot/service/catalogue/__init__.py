"""Updates of the catalogue: polling, validation, overrides, and announcements of changes."""
