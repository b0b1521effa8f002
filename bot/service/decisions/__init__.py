"""What people decide about a reminder."""
