"""Shared words of the product: frozen values, pure functions, no I/O."""
