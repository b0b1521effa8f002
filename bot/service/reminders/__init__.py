"""Planning, forecasting and composing of reminders."""
