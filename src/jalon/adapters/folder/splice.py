"""Changing a few places of a text and no other byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

Fields = Mapping[str, object]
"""An entry of a list by key, made of dict, list, str, int, float and bool; None, "" and what is
empty stand for what is not there."""

Texts = Mapping[str, str | None]
"""The same of a device, as in CSV: every value a text; words of a list have spaces between."""

Keys = tuple[str, ...]
"""Keys from the top of a file down to a list or a mapping."""

NEWLINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Splice:
    """Put `text` in the place of what stands from `start` to `end` (exclusive)."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all of them; they must not overlap."""
    parts, at = [], 0
    for one in sorted(splices, key=lambda one: (one.start, one.end)):
        parts += [text[at : one.start], one.text]
        at = one.end
    return "".join([*parts, text[at:]])


def newline_of(text: str) -> str:
    """How lines end in the text."""
    found = NEWLINE.search(text)
    return found.group() if found else "\n"


def by_hand(entry_id: str, reason: str) -> UsageError:
    """What is written in a way that is not touched automatically."""
    return UsageError(
        Text(
            N_("The entry {id} has to be changed by hand: {reason}."),
            {"id": entry_id, "reason": Text(reason)},
        )
    )


def not_there(entry_id: str) -> UsageError:
    """The file has no such entry."""
    return UsageError(Text(N_("There is no entry {id} in the file."), {"id": entry_id}))
