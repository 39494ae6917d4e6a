"""The whole study: what the five workshops have found, derived and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.assets import Asset, supporting_assets
from jalon.design.ebios.business import Mission, Value, business_values, missions
from jalon.design.ebios.ecosystem import Stakeholder, stakeholders
from jalon.design.ebios.events import Event, feared_events
from jalon.design.ebios.operations import Operation, operations
from jalon.design.ebios.origins import Origin, origins
from jalon.design.ebios.risks import PlanLine, RiskLine, plan, risk_lines
from jalon.design.ebios.roads import roads
from jalon.design.spec.ebios import EbiosFile


@dataclass(frozen=True, slots=True)
class Study:
    """The results, workshop by workshop."""

    missions: Sequence[Mission]
    values: Sequence[Value]
    assets: Sequence[Asset]
    events: Sequence[Event]
    origins: Sequence[Origin]
    stakeholders: Sequence[Stakeholder]
    operations: Sequence[Operation]
    risks: Sequence[RiskLine]
    plan: Sequence[PlanLine]


def is_begun(blueprint: Blueprint) -> bool:
    """Whether anything is written in ebios.yaml."""
    return blueprint.ebios != EbiosFile()


@lru_cache(maxsize=4)
def study(blueprint: Blueprint) -> Study:
    """Everything that follows from the files."""
    graph = roads(blueprint.architecture)
    values = business_values(blueprint, graph)
    events = feared_events(blueprint, values)
    found = operations(blueprint)
    lines = risk_lines(blueprint, events, found)
    return Study(
        missions(blueprint),
        values,
        supporting_assets(blueprint, values),
        events,
        origins(blueprint),
        stakeholders(blueprint),
        found,
        lines,
        plan(blueprint, lines),
    )
