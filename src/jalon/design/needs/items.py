"""What is reviewed: items with a fingerprint of their normative text, and what they rest on.

A fingerprint is of what binds people: not of the rationale, nor of how lines are broken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from jalon.design.blueprint import Blueprint
from jalon.vocab.entries import Wording
from jalon.vocab.finding import Mark

OBJECTIVE = "objective"
USE_CASE = "use-case"
REQUIREMENT = "requirement"
CASE = "case"
DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Item:
    """`key` is `kind.id`; `links` are the keys of the items it rests on."""

    key: str
    fingerprint: str
    links: tuple[str, ...]
    at: Mark

    @property
    def id(self) -> str:
        """Its id within its kind."""
        return self.key.partition(".")[2]

    @property
    def kind(self) -> str:
        """Such as `requirement`."""
        return self.key.partition(".")[0]


@lru_cache(maxsize=4)
def items(blueprint: Blueprint) -> Mapping[str, Item]:
    """Everything that can be reviewed, by key. Of two with the same id, the first."""
    found: dict[str, Item] = {}
    for item in (*_needs(blueprint), *_cases(blueprint), *_decisions(blueprint)):
        found.setdefault(item.key, item)
    return MappingProxyType(found)


def _needs(blueprint: Blueprint) -> Iterator[Item]:
    about = blueprint.about
    for index, objective in enumerate(about.objectives):
        at = Mark("solution", ("objectives", index))
        told = fingerprint(objective.statement, objective.measure)
        yield Item(f"{OBJECTIVE}.{objective.id}", told, (), at)
    for index, demand in enumerate(about.requirements):
        at = Mark("solution", ("requirements", index))
        told = fingerprint(
            demand.kind, demand.priority, demand.statement, demand.measure, demand.acceptance
        )
        links = _keys(OBJECTIVE, demand.objectives)
        yield Item(f"{REQUIREMENT}.{demand.id}", told, links, at)
    for index, story in enumerate(about.use_cases):
        at = Mark("solution", ("use_cases", index))
        parts = (story.title, story.persona, story.situation, *story.steps, story.outcome)
        links = (*_keys(OBJECTIVE, story.objectives), *_keys(REQUIREMENT, story.requirements))
        yield Item(f"{USE_CASE}.{story.id}", fingerprint(*parts), links, at)


def _cases(blueprint: Blueprint) -> Iterator[Item]:
    for file, written in blueprint.cases.items():
        for index, case in enumerate(written.cases):
            at = Mark(f"tests/{file}", ("cases", index))
            told = fingerprint(case.name, case.kind, case.level, *case.steps, case.expected)
            yield Item(f"{CASE}.{case.id}", told, _keys(REQUIREMENT, case.requirements), at)


def _decisions(blueprint: Blueprint) -> Iterator[Item]:
    for index, one in enumerate(blueprint.architecture.decisions):
        at = Mark("architecture", ("decisions", index))
        told = fingerprint(one.layer, one.choice, *one.alternatives, one.reason)
        yield Item(f"{DECISION}.{one.id}", told, _keys(REQUIREMENT, one.requirements), at)


def _keys(kind: str, ids: list[str]) -> tuple[str, ...]:
    return tuple(f"{kind}.{one}" for one in ids)


def fingerprint(*parts: object) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the parts, white space made even."""
    digest = hashlib.sha256()
    for part in parts:
        for text in _texts(part):
            digest.update(" ".join(text.split()).encode() + b"\x1f")
        digest.update(b"\x1e")
    return digest.hexdigest()[:16]


def _texts(part: object) -> tuple[str, ...]:
    if isinstance(part, Wording):
        return part.fr or "", part.en or ""
    return ("" if part is None else str(part),)
