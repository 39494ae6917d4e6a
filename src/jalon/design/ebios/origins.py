"""Workshop 2: pairs of a risk origin and what it is after, and how relevant they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jalon.catalogues.risk_sources import risk_sources
from jalon.catalogues.target_objectives import target_objectives
from jalon.design.blueprint import Blueprint
from jalon.design.ebios.sources import Label, Source, named, plain
from jalon.design.spec.ebios import Pair
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Names, Text

RELEVANCE: Sequence[Sequence[int]] = ((1, 1, 2, 2), (1, 2, 3, 3), (2, 3, 3, 4), (2, 3, 4, 4))
"""Rows motivation 1 to 4, columns resources 1 to 4, as CISO Assistant ships it (looked up
2026-11-23)."""
FEWEST, MOST = 3, 6
"""How many pairs a study keeps, as a rule."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A pair. `retained` is None for one that the catalogue proposes and nobody judged yet;
    `relevance` goes from 1 to 4."""

    id: str
    origin: str
    objective: str
    label: Label
    motivation: int
    resources: int
    activity: int | None
    relevance: int
    retained: bool | None
    reason: Wording | None = None
    source: Source = Source.WRITTEN


def relevance(motivation: int, resources: int, activity: int | None = None) -> int:
    """From 1 to 4, by the grid; that something like it is often seen (4) raises it by one, never
    seen (1) lowers it by one: the grid has no third side, this step is ours."""
    level = RELEVANCE[motivation - 1][resources - 1]
    step = {1: -1, 4: 1}.get(activity or 0, 0)
    return min(4, max(1, level + step))


def origins(blueprint: Blueprint) -> list[Origin]:
    """Those written, then those of the catalogue that nobody judged."""
    written = blueprint.ebios.pairs
    judged = {(one.origin, one.aim) for one in written}
    return [*(_judged(one) for one in written), *_proposed(judged)]


def origin_names(origin: str) -> Names:
    """What an origin of the catalogue is called; a word of the author's stays as it is."""
    known = risk_sources().get(origin)
    return known.names if known else plain(origin)


def objective_names(objective: str) -> Names:
    """The same for what it is after."""
    known = target_objectives().get(objective)
    return known.names if known else plain(objective)


def _both(origin: str, objective: str) -> Text:
    return Text(
        N_("{origin}: {objective}"),
        {"origin": origin_names(origin), "objective": objective_names(objective)},
    )


def _judged(pair: Pair) -> Origin:
    return Origin(
        pair.id,
        pair.origin,
        pair.aim,
        named(pair.name, _both(pair.origin, pair.aim)),
        pair.motivation,
        pair.resources,
        pair.activity,
        relevance(pair.motivation, pair.resources, pair.activity),
        pair.retained,
        pair.reason,
    )


def _proposed(judged: set[tuple[str, str]]) -> Iterator[Origin]:
    for source in risk_sources().values():
        for aim in source.aims:
            if (source.id, aim.objective) not in judged:
                yield Origin(
                    f"{source.id}-{aim.objective}",
                    source.id,
                    aim.objective,
                    _both(source.id, aim.objective),
                    aim.motivation,
                    source.resources,
                    None,
                    relevance(aim.motivation, source.resources),
                    retained=None,
                    source=Source.DERIVED,
                )
