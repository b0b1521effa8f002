"""Bounded, guarded HTTP for reading Google's pages."""
