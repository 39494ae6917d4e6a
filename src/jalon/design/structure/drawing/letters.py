"""How much room text takes, without a font at hand: a usual sans-serif, on the safe side."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_NARROW = set("ijltfIr.,:;!'|()[] ·’/\\-")
_WIDE = set("mwMWQOG@%—…&")


def width(text: str, size: float) -> float:
    """Of one line, in the unit of `size` (its height)."""
    return size * sum(_share(letter) for letter in text)


def _share(letter: str) -> float:
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE:
        return 0.95
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if unicodedata.combining(letter):
        return 0.0
    return 0.72 if letter.isupper() else 0.6


def shortened(text: str, size: float, room: float) -> str:
    """The text, or its beginning and an ellipsis, so that it fits."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, size: float, room: float, most: int = 3) -> Sequence[str]:
    """Lines that fit, `most` of them; the last one ends in an ellipsis when more would follow."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines += _cut(word, size, room)
    if len(lines) > most:
        rest = " ".join(lines[most - 1 :])
        lines = [*lines[: most - 1], shortened(rest, size, room)]
    return lines


def _cut(word: str, size: float, room: float) -> list[str]:
    """A word that is wider than the room, in pieces."""
    pieces: list[str] = []
    while width(word, size) > room and len(word) > 1:
        end = len(word)
        while end > 1 and width(word[:end], size) > room:
            end -= 1
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]
