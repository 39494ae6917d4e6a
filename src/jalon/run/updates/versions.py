"""Versions as Semantic Versioning 2.0 orders them, and ranges of them."""

from __future__ import annotations

import re
from functools import total_ordering
from typing import NamedTuple

_VERSION = re.compile(
    r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?"
)
_CLAUSE = re.compile(r"(>=|<=|>|<|=)?\s*(\S+)")


class _Identifier(NamedTuple):
    """A part of a pre-release: numbers come before words, and count as numbers."""

    is_word: bool
    number: int
    word: str


@total_ordering
class Version:
    """`1.4.0`, `2.0.0-rc.1`, `1.4` (the same as 1.4.0), with `v` before or not. What stands after
    `+` says nothing of order."""

    __slots__ = ("_key", "text")

    def __init__(self, text: str) -> None:
        """Raises ValueError for what is no version."""
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no version such as 1.4.0")
        self.text = text.strip()
        numbers = tuple(int(part or 0) for part in found.groups()[:3])
        before = tuple(_identifier(part) for part in (found[4] or "").split(".") if part)
        # A release comes after all its pre-releases.
        self._key = (numbers, not before, before)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Version({self.text!r})"


def _identifier(text: str) -> _Identifier:
    if text.isdecimal():
        return _Identifier(False, int(text), "")
    return _Identifier(True, 0, text)


def same(one: str, other: str) -> bool:
    """Whether both say the same version; texts that are no versions are compared as they are."""
    try:
        return Version(one) == Version(other)
    except ValueError:
        return one == other


def in_range(version: str, wanted: str) -> bool:
    """Whether a version lies in a range such as `>=1.2.0 <2.0.0`; "" holds every version.

    Raises ValueError when one of them cannot be read.
    """
    clauses = _clauses(wanted)
    return not clauses or _holds(Version(version), clauses)


def check_range(wanted: str) -> None:
    """Raises ValueError for what is no range."""
    _clauses(wanted)


def _clauses(wanted: str) -> list[tuple[str, Version]]:
    text = re.sub(r"(>=|<=|>|<|=)\s+", r"\1", wanted.strip())
    clauses = []
    for part in text.split():
        found = _CLAUSE.fullmatch(part)
        if found is None:
            raise ValueError(f"{wanted!r} is no range such as >=1.2.0 <2.0.0")
        clauses.append((found[1] or "=", Version(found[2])))
    return clauses


def _holds(version: Version, clauses: list[tuple[str, Version]]) -> bool:
    for sign, limit in clauses:
        holds = {
            ">=": version >= limit,
            "<=": version <= limit,
            ">": version > limit,
            "<": version < limit,
            "=": version == limit,
        }[sign]
        if not holds:
            return False
    return True
