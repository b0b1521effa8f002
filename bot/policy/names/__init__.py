"""Parsers of the names of versions, image families and images."""
