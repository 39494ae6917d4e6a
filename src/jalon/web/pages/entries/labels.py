"""What the keys and the words of the design's files are called in a form."""

from __future__ import annotations


def label(word: str) -> str:
    """The msgid for a key or a word of a list; `tools/field_texts.py` brings them all into the
    catalogue."""
    return word.replace("_", " ").replace("-", " ").strip().capitalize()
