"""Teams of channels."""
