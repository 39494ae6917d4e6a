"""The documents of the design: how complete they are, and the files."""
