"""Every device with its newest values."""
