"""All that is said of an architecture, in one value that commands and pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Decision, Layer
from jalon.design.structure.checks import check
from jalon.design.structure.graph import ROAD, Edge, Graph, Node, graph
from jalon.design.structure.growth import FACTOR, Growth, growth
from jalon.design.structure.references import check_architecture
from jalon.design.structure.roads import SinglePoint, road, single_points
from jalon.vocab.finding import Remark, Severity


@dataclass(frozen=True, slots=True)
class DataRoad:
    """How a component's data comes to an application, flow by flow; () when it does not."""

    source: Node
    edges: Sequence[Edge]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. `remarks` are those of `jalon check` about architecture.yaml."""

    graph: Graph
    remarks: Sequence[Remark]
    layers: Sequence[tuple[Layer, Sequence[Node]]]
    edges: Sequence[Edge]
    roads: Sequence[DataRoad]
    single: Sequence[SinglePoint]
    growth: Growth
    decisions: Sequence[Decision]

    @property
    def weaknesses(self) -> int:
        """Remarks that are more than advice."""
        return sum(remark.severity is not Severity.INFO for remark in self.remarks)


def report(blueprint: Blueprint, today: date, factor: float = FACTOR) -> Report:
    """Everything about the architecture on that day, with `factor` times the objects."""
    whole = graph(blueprint)
    references = check_architecture(blueprint.architecture, blueprint.about, [*blueprint.things])
    return Report(
        graph=whole,
        remarks=[*references, *check(blueprint, today)],
        layers=[(layer, whole.in_layer(layer)) for layer in (*ROAD, Layer.SECURITY)],
        edges=list(whole.edges.values()),
        roads=[DataRoad(node, road(whole, node)) for node in whole.in_layer(Layer.PERCEPTION)],
        single=single_points(blueprint),
        growth=growth(blueprint, factor),
        decisions=blueprint.architecture.decisions,
    )
