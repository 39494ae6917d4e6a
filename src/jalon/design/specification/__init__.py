"""Specification (C8): the documents, their completeness, and what changed between versions."""
