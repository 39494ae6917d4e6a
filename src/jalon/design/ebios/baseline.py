"""Workshop 1: the security baseline, what applies whatever the risks, and where it is not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.sources import Label, Source, named, plain
from jalon.design.spec.ebios import BaselineStatus
from jalon.design.threats.coverage import Coverage, coverage
from jalon.vocab.text import N_, Text

_SHOWN = 6


@dataclass(frozen=True, slots=True)
class BaselineLine:
    """A standard, how far it is applied and what is missing."""

    id: str
    label: Label
    status: BaselineStatus
    gaps: Sequence[Label]
    source: Source


def baseline(blueprint: Blueprint) -> list[BaselineLine]:
    """The standards that the solution is held against, with what is written of them; then those
    only written."""
    found = {one.standard.id: _derived(one) for one in coverage(blueprint) if one.applying}
    for one in blueprint.ebios.baseline:
        known = found.get(one.id)
        line = BaselineLine(
            one.id,
            named(one.name, known.label if known else plain(one.id)),
            one.status,
            tuple(gap.names for gap in one.gaps),
            Source.WRITTEN,
        )
        if known:
            gaps = (*known.gaps, *line.gaps)
            line = replace(line, gaps=gaps, source=Source.COMPLETED)
        found[one.id] = line
    return list(found.values())


def _derived(one: Coverage) -> BaselineLine:
    status = BaselineStatus.PARTLY
    if not one.covered_percent:
        status = BaselineStatus.NOT_APPLIED
    elif one.covered_percent == 100 and not one.open_mandatory:
        status = BaselineStatus.APPLIED
    label = plain(one.standard.name)
    return BaselineLine(one.standard.id, label, status, tuple(_gaps(one)), Source.DERIVED)


def _gaps(one: Coverage) -> Iterator[Text]:
    text = N_("{percent} % of what applies is answered, {proved} % proved by tests")
    yield Text(text, {"percent": one.covered_percent, "proved": one.proved_percent})
    names = [each.provision.id for each in one.open_mandatory]
    if names:
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        yield Text(N_("mandatory and open: {count} ({ids})"), {"count": len(names), "ids": shown})
