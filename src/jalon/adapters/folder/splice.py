"""Changing a few places of a text and no other byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

Fields = Mapping[str, str | None]
"""An entry of a list as texts by key; None or "" for what is not there. A list, such as `tags`, is
written with spaces between its words."""

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
