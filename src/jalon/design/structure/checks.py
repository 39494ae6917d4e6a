"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.structure.component_checks import (
    check_components,
    check_roads,
    check_systems,
    check_things,
)
from jalon.design.structure.flow_checks import PART, check_flows
from jalon.design.structure.graph import graph
from jalon.vocab.finding import Remark
from jalon.vocab.references import unknown_each
from jalon.vocab.text import N_


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    whole = graph(blueprint)
    yield from check_components(blueprint, whole)
    yield from check_things(blueprint, whole)
    yield from check_roads(blueprint, whole)
    yield from check_systems(blueprint, whole, today)
    yield from check_flows(blueprint, whole)
    yield from _data(blueprint)


def _data(blueprint: Blueprint) -> Iterator[Remark]:
    known = [category.id for category in blueprint.privacy.data]
    message = N_("There is no data “{id}” in privacy.yaml.")
    rule = "architecture.unknown-data"
    for index, component in enumerate(blueprint.architecture.components):
        path = ("components", index, "stores")
        yield from unknown_each(rule, PART, path, message, component.stores, known)
    for index, flow in enumerate(blueprint.architecture.flows):
        yield from unknown_each(rule, PART, ("flows", index, "data"), message, flow.data, known)
