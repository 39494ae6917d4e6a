"""The register of the watch: every item that concerns the solution, weighed, decided or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Decision as Choice
from jalon.design.spec.watch import Decided, Decision
from jalon.design.spec.watched import WatchItem
from jalon.design.watch.likeness import named, tokens
from jalon.design.watch.matching import Match, matches
from jalon.design.watch.scoring import Score, score
from jalon.vocab.text import N_

DECIDED_WORDS = {
    Decided.ADOPT: N_("adopt"),
    Decided.ASSESS: N_("assess"),
    Decided.HOLD: N_("hold"),
    Decided.REJECT: N_("reject"),
}


@dataclass(frozen=True)
class Entry:
    """An item: what of the solution it touches, what it weighs, and what was decided. `seen` is
    the day of the first snapshot that has it."""

    item: WatchItem
    matches: Sequence[Match]
    score: Score
    decision: Decision | None
    seen: date

    def waits(self, today: date) -> int:
        """Days since it was first seen."""
        return (today - self.seen).days


@dataclass(frozen=True)
class Register:
    """`entries` concern the solution, the heaviest first; of the others only how many there are.
    `unknown` are decisions about items that no snapshot has."""

    entries: Sequence[Entry]
    others: int
    unknown: Sequence[Decision]

    @property
    def undecided(self) -> Sequence[Entry]:
        """Those nobody has decided."""
        return [one for one in self.entries if one.decision is None]


@lru_cache(maxsize=4)
def register(blueprint: Blueprint, today: date) -> Register:
    """The register of a day. What was decided stays in it, whatever it touches."""
    decisions = {one.item: one for one in blueprint.watch.decisions}
    entries, others = [], 0
    items = list(_items(blueprint))
    for item, seen in items:
        decision = next((decisions[name] for name in _names(item) if name in decisions), None)
        found = matches(item, blueprint, today)
        if found or decision is not None:
            entries.append(Entry(item, tuple(found), score(item, decision), decision, seen))
        else:
            others += 1
    entries.sort(key=lambda one: (one.decision is not None, -one.score.weight, one.item.id))
    known = {name for item, _ in items for name in _names(item)}
    unknown = [one for one in blueprint.watch.decisions if one.item not in known]
    return Register(tuple(entries), others, tuple(unknown))


def _names(item: WatchItem) -> Sequence[str]:
    return item.id, *item.aliases


def _items(blueprint: Blueprint) -> Iterator[tuple[WatchItem, date]]:
    """Each item once, as its newest snapshot has it, with the day it was first seen."""
    newest: dict[str, tuple[WatchItem, date]] = {}
    for snapshot in sorted(blueprint.snapshots, key=lambda one: (one.on, one.file)):
        for item in snapshot.items:
            first = newest[item.id][1] if item.id in newest else snapshot.on
            newest[item.id] = item, first
    yield from newest.values()


def unwatched(blueprint: Blueprint) -> list[Choice]:
    """Decisions of the architecture about which no source speaks."""
    about = [word for source in blueprint.watch.sources for word in source.about]
    return [
        one
        for one in blueprint.architecture.decisions
        if not named(about, one.choice) and not _shared(about, one.choice)
    ]


def _shared(about: Sequence[str], choice: str) -> bool:
    """Whether one of the words of the sources is one of the choice's."""
    words = set(tokens(choice))
    return any(set(tokens(one)) <= words for one in about if tokens(one))
