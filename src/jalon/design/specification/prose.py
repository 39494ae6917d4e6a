"""Every text the author wrote, with its place: what readability and acronyms are looked for in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel

from jalon.design.blueprint import Blueprint
from jalon.vocab.entries import Wording
from jalon.vocab.finding import Mark, Path

PARTS = (
    "solution",
    "architecture",
    "security",
    "ebios",
    "privacy",
    "regulation",
    "accessibility",
    "sizing",
    "choices",
    "prototype",
    "documents",
)
"""The files that documents are written from, by the names of their marks."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in one language. `language` is "" when the author wrote one text for all."""

    text: str
    language: str
    at: Mark


def file_of(blueprint: Blueprint, part: str) -> BaseModel:
    """What the file says."""
    model: BaseModel = blueprint.about if part == "solution" else getattr(blueprint, part)
    return model


@lru_cache(maxsize=4)
def passages(blueprint: Blueprint) -> tuple[Passage, ...]:
    """All of them, in the order of the files."""
    found = [one for part in PARTS for one in _of(file_of(blueprint, part), part, ())]
    for name, cases in blueprint.cases.items():
        found += _of(cases, f"tests/{name}", ())
    return tuple(found)


def _of(value: object, part: str, path: Path) -> Iterator[Passage]:
    if isinstance(value, Wording):
        yield from _languages(value, part, path)
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _of(getattr(value, name), part, (*path, info.alias or name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _of(one, part, (*path, index))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _of(one, part, (*path, key))


def _languages(wording: Wording, part: str, path: Path) -> Iterator[Passage]:
    if wording.fr is not None and wording.fr == wording.en:
        yield Passage(wording.fr, "", Mark(part, path))
        return
    for code, text in (("fr", wording.fr), ("en", wording.en)):
        if text is not None:
            yield Passage(text, code, Mark(part, (*path, code)))
