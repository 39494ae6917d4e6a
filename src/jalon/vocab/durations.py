"""Lengths of time as people write them in files: `30 s`, `15 min`, `2 h`, `1 d`, `1 w`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from jalon.vocab.entries import refusal
from jalon.vocab.text import N_, Text

_UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_WRITTEN = re.compile(r"\s*(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|min|h|d|w)\s*")
WRITTEN = r"^\s*\d{1,9}(\.\d{1,3})?\s*(ms|s|min|h|d|w)\s*$"


def milliseconds(text: str) -> int:
    """The length in milliseconds. Raises ValueError."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time")
    return round(float(found[1]) * _UNITS[found[2]])


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return milliseconds(value)
    except ValueError:
        message = N_("A length of time is written with its unit: 30 s, 15 min, 2 h, 1 d, 1 w.")
        raise refusal(Text(message)) from None


Duration = Annotated[
    int,
    BeforeValidator(_read, json_schema_input_type=Annotated[str, Field(pattern=WRITTEN)]),
    Field(ge=0),
]
"""Milliseconds; in a file a number with its unit."""
