"""Threats (C3): found by rules in the architecture, weighed, treated, covered by standards."""
