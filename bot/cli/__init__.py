"""The dlvm command: one module for each command or group of commands, and the rendering they share."""
