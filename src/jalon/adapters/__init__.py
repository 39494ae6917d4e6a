"""The outside world: links to devices, stores, the broker, the folder on disk."""
