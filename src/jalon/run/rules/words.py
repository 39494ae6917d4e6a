"""Sentences with places for values: `CO₂ at {co2} ppm in {room}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jalon.run.control import Scalar, Words
from jalon.run.rules.expression.meaning import Formula
from jalon.vocab.entries import Wording

NAMES = frozenset({"device", "room", "site"})
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


@dataclass(frozen=True)
class Place:
    """What stands in braces; `at` is where it begins behind the brace."""

    text: str
    at: int


def places(sentence: str) -> Iterator[Place]:
    """The places of a sentence that are no plain names."""
    for found in _PLACE.finditer(sentence):
        if found[1] is not None and found[1].strip() not in NAMES:
            yield Place(found[1], found.start(1))


class Sentence:
    """A wording with its places, each of them an expression or a name."""

    def __init__(self, wording: Wording, bind: Callable[[str], Formula]) -> None:
        self._texts = wording.names.by_language
        self.formulas = {
            place.text: bind(place.text) for text in self._texts.values() for place in places(text)
        }

    def filled(self, value: Callable[[Formula], Scalar], names: Callable[[str, str], str]) -> Words:
        """By language; `names(name, language)` gives what plain names stand for."""
        values = {place: value(formula) for place, formula in self.formulas.items()}
        return {
            language: _fill(text, values, language, names) for language, text in self._texts.items()
        }


def _fill(
    text: str, values: Mapping[str, Scalar], language: str, names: Callable[[str, str], str]
) -> str:
    def one(found: re.Match[str]) -> str:
        inside = found[1]
        if inside is None:
            return found[0][0]
        if inside.strip() in NAMES:
            return names(inside.strip(), language)
        return said(values[inside], language)

    return _PLACE.sub(one, text)


_UNKNOWN = {"fr": "inconnu"}
_YES = {"fr": ("oui", "non")}


def said(value: Scalar, language: str) -> str:
    """A value as it is written in a sentence: at most three decimals."""
    if value is None:
        return _UNKNOWN.get(language, "unknown")
    if isinstance(value, bool):
        return _YES.get(language, ("yes", "no"))[not value]
    if isinstance(value, str):
        return value
    text = f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else f"{value:g}"
    text = "0" if text == "-0" else text
    return text.replace(".", ",") if language == "fr" else text
