"""What the keys of the design's files are called in a form."""

from __future__ import annotations

from jalon.vocab.text import N_

_LABELS = {"id": N_("Id")}


def label(key: str) -> str:
    """The msgid of a key's name."""
    return _LABELS.get(key, key.replace("_", " ").strip().capitalize())
