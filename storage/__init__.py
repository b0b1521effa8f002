"""What the bot remembers; nothing in here imports from `bot`."""
