"""Planning and composing reminders."""
