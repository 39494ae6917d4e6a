"""Whether components, zones and flows refer to each other, and no layer was forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jalon.design.spec.architecture import ArchitectureFile, Layer
from jalon.design.spec.solution import SolutionFile
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "architecture"


def check_architecture(
    architecture: ArchitectureFile, about: SolutionFile, things: Collection[str]
) -> Iterator[Remark]:
    """Everything wrong in `architecture.yaml`; `things` are the ids of the Thing Models."""
    lists = {
        "zones": [zone.id for zone in architecture.zones],
        "components": [component.id for component in architecture.components],
        "flows": [flow.id for flow in architecture.flows],
        "systems": [system.id for system in architecture.systems],
        "decisions": [decision.id for decision in architecture.decisions],
    }
    for key, ids in lists.items():
        yield from repeated("architecture.duplicate-id", _PART, (key,), ids)
    yield from _components(architecture, lists["zones"], things)
    systems = [system.id for system in about.existing_systems]
    yield from _systems(architecture, lists["zones"], systems)
    yield from _flows(architecture, [*lists["components"], *systems])
    requirements = [demand.id for demand in about.requirements]
    message = N_("There is no requirement “{id}” in solution.yaml.")
    for index, decision in enumerate(architecture.decisions):
        path = ("decisions", index, "requirements")
        rule = "architecture.unknown-requirement"
        yield from unknown_each(rule, _PART, path, message, decision.requirements, requirements)
    yield from _layers(architecture)


def _components(
    architecture: ArchitectureFile, zones: list[str], things: Collection[str]
) -> Iterator[Remark]:
    for index, component in enumerate(architecture.components):
        path: Path = ("components", index)
        if component.zone is not None:
            at = Mark(_PART, (*path, "zone"))
            message = N_("There is no zone “{id}”.")
            yield from unknown("architecture.unknown-zone", at, message, component.zone, zones)
        message = N_("There is no Thing Model “{id}” in things/.")
        rule = "architecture.unknown-thing"
        yield from unknown_each(rule, _PART, (*path, "things"), message, component.things, things)


def _systems(
    architecture: ArchitectureFile, zones: list[str], systems: list[str]
) -> Iterator[Remark]:
    message = N_("There is no existing system “{id}” in solution.yaml.")
    rule = "architecture.unknown-system"
    for index, component in enumerate(architecture.components):
        if component.part_of is not None:
            at = Mark(_PART, ("components", index, "part_of"))
            yield from unknown(rule, at, message, component.part_of, systems)
    for index, attachment in enumerate(architecture.systems):
        at = Mark(_PART, ("systems", index, "id"))
        yield from unknown(rule, at, message, attachment.id, systems)
        if attachment.zone is not None:
            at = Mark(_PART, ("systems", index, "zone"))
            zone_message = N_("There is no zone “{id}”.")
            yield from unknown(
                "architecture.unknown-zone", at, zone_message, attachment.zone, zones
            )


def _flows(architecture: ArchitectureFile, ends: list[str]) -> Iterator[Remark]:
    message = N_("There is no component “{id}”, and no existing system of that id.")
    for index, flow in enumerate(architecture.flows):
        for key, end in (("from", flow.from_), ("to", flow.to)):
            at = Mark(_PART, ("flows", index, key))
            yield from unknown("architecture.unknown-end", at, message, end, ends)
        flows = [one.id for one in architecture.flows]
        passed = N_("There is no flow “{id}”.")
        path = ("flows", index, "passes_on")
        rule = "architecture.unknown-flow"
        yield from unknown_each(rule, _PART, path, passed, flow.passes_on or [], flows)


def _layers(architecture: ArchitectureFile) -> Iterator[Remark]:
    if not architecture.components:
        return
    there = {component.layer for component in architecture.components}
    for layer in Layer:
        if layer not in there:
            text = Text(N_("No component is in the layer “{layer}”."), {"layer": layer})
            at = Mark(_PART, ("components",), on_key=True)
            yield Remark("architecture.missing-layer", Severity.INFO, at, text)
