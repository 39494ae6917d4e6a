"""Regulation and ethics (C4): which duties apply and why, personal data, the client's values."""
