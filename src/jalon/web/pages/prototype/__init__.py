"""Hypotheses, and what runs have shown of them."""
