"""Acronyms in texts: which are explained, which are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from jalon.catalogues.acronyms import acronyms
from jalon.catalogues.units import known_codes
from jalon.design.blueprint import Blueprint
from jalon.design.specification.prose import Passage, passages
from jalon.vocab.text import Names

_ACRONYM = re.compile(
    r"(?<![\w./@:#-])[A-ZÀ-Þ][A-ZÀ-Þ0-9]{1,7}(?:-[A-Z][A-Z0-9]*)?(?![\w₀-₉/@:#]|-\w)"
)
_ROMAN = re.compile(r"[IVX]+")
_LABEL = re.compile(r"[A-Z]\d+")
"""G4, V2, O1: labels of a scale or of an entry."""


def found_in(text: str) -> list[str]:
    """What looks like an acronym."""
    return [
        one
        for one in _ACRONYM.findall(text)
        if not _ROMAN.fullmatch(one) and not _LABEL.fullmatch(one) and _is_no_shout(one, text)
    ]


def explained(blueprint: Blueprint) -> Mapping[str, Names]:
    """Terms with what they mean: the author's first, then those everybody in the trade uses."""
    known = {term: one.meaning for term, one in acronyms().items()}
    return known | {one.term: one.meaning.names for one in blueprint.documents.glossary}


def used(texts: Iterable[str], terms: Iterable[str]) -> list[str]:
    """The terms that the texts use as whole words, in alphabetical order."""
    wanted = sorted(terms, key=len, reverse=True)
    if not wanted:
        return []
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, wanted))})(?![\w-])")
    found = {term for text in texts for term in pattern.findall(text)}
    return sorted(found, key=str.casefold)


@lru_cache(maxsize=4)
def unexplained(blueprint: Blueprint) -> tuple[tuple[str, Passage], ...]:
    """Acronyms that nothing explains, each with the first text it stands in."""
    return tuple(_unexplained(blueprint))


def _unexplained(blueprint: Blueprint) -> Iterator[tuple[str, Passage]]:
    seen = {term.casefold() for term in explained(blueprint)}
    seen |= {one.casefold() for one in _ids(blueprint)}
    seen |= {code.casefold() for code in known_codes()}
    for passage in passages(blueprint):
        for term in found_in(passage.text):
            if term.casefold() not in seen:
                seen.add(term.casefold())
                yield term, passage


def _ids(blueprint: Blueprint) -> Iterator[str]:
    """What an author calls things, which no reader takes for an acronym."""
    about, architecture = blueprint.about, blueprint.architecture
    for entries in (about.requirements, about.objectives, about.existing_systems, about.personas):
        yield from (one.id for one in entries)
    for parts in (architecture.components, architecture.flows, architecture.decisions):
        yield from (one.id for one in parts)


def _is_no_shout(word: str, text: str) -> bool:
    """Whether the text is not simply written in capitals."""
    return not text.isupper() or len(text.split()) == 1
