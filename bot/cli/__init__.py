"""What the dlvm command does: one module for each command or group of commands, and drawing for all of them."""
