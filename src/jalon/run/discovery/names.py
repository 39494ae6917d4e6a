"""What announcements call things, made into ids and texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping

import orjson

_LONGEST = 48
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def key_of(text: str) -> str:
    """An identifier that reads like the text: `Température salon` is `temperature_salon`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST].strip("_") or "value"


def slug(text: str) -> str:
    """The same with hyphens, for ids of devices and types."""
    return key_of(text).replace("_", "-")


def fresh(name: str, taken: Container[str]) -> str:
    """The name, or the name with the first number that makes it a new one."""
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def text_of(found: Mapping[str, object], key: str) -> str:
    """The text under a key, without what gives orders to a terminal or turns a line round; ""
    when there is none."""
    value = found.get(key) if key else None
    return _UNSEEN.sub(" ", value).strip() if isinstance(value, str) else ""


def word_of(value: object) -> str:
    """What a device writes for a value."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
