"""Permissions, access requests and the audit log."""
