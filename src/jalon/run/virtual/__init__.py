"""Virtual devices: what the devices of a solution would report, computed for any moment."""
