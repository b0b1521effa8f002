"""Rendering of modals."""
