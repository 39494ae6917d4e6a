"""Needs (C2): is what is wanted clear, verifiable, covered, and still as it was reviewed?"""
