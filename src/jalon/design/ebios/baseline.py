"""Workshop 1: the security baseline, what applies whatever the risks, and where it is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.sources import Label, Source, named, plain
from jalon.design.spec.ebios import BaselineStatus


@dataclass(frozen=True, slots=True)
class BaselineLine:
    """A standard, how far it is applied and what is missing."""

    id: str
    label: Label
    status: BaselineStatus
    gaps: Sequence[Label]
    source: Source


def baseline(blueprint: Blueprint) -> list[BaselineLine]:
    """What is written, in order."""
    return [
        BaselineLine(
            one.id,
            named(one.name, plain(one.id)),
            one.status,
            tuple(gap.names for gap in one.gaps),
            Source.WRITTEN,
        )
        for one in blueprint.ebios.baseline
    ]
