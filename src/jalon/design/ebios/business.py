"""Workshop 1: missions and business values, with the needs that their requirements suggest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.roads import Roads, between, flows_among, in_layer, roads
from jalon.design.ebios.sources import Label, Source, named, plain
from jalon.design.scales import Gravity
from jalon.design.spec.architecture import Layer
from jalon.design.spec.ebios import BusinessValue, Needs, Quality, ValueKind
from jalon.design.spec.privacy import DataCategory, Nature, Personal
from jalon.design.spec.solution import Priority, Requirement, RequirementKind
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Names, Text

_SENSITIVE = frozenset(Nature) - {
    Nature.ORDINARY,
    Nature.LOCATION,
    Nature.COMMUNICATIONS,
    Nature.FINANCES,
    Nature.PRESENCE,
    Nature.IMAGE,
    Nature.SOUND,
    Nature.CREDENTIALS,
}
"""Those of GDPR articles 9 and 10."""
_PERSONAL = {Personal.NONE: 1, Personal.INDIRECT: 2, Personal.DIRECT: 3}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A gravity that the files suggest, and why."""

    gravity: Gravity
    why: Text


@dataclass(frozen=True, slots=True)
class Mission:
    """What the organisation does with the solution."""

    id: str
    label: Label
    description: Label | None
    source: Source


@dataclass(frozen=True, slots=True)
class Value:
    """A business value. `assets` are the ids of what carries it; `proposed` by quality, `needs`
    as far as they were confirmed. `left_out` says why it is none after all."""

    id: str
    label: Label
    kind: ValueKind
    assets: tuple[str, ...] = ()
    proposed: Mapping[Quality, Proposal] = field(default_factory=dict)
    needs: Needs = field(default_factory=Needs)
    owner: str = ""
    mission: str = ""
    source: Source = Source.DERIVED
    left_out: Wording | None = None


def missions(blueprint: Blueprint) -> list[Mission]:
    """What the solution is for, and what is written beside it."""
    about = blueprint.about
    derived = Mission("mission", about.name.names, about.problem.statement.names, Source.DERIVED)
    found = {derived.id: derived}
    for one in blueprint.ebios.missions:
        known = found.get(one.id)
        label = named(one.name, known.label if known else plain(one.id))
        said = known.description if known else None
        description = one.description.names if one.description else said
        source = Source.COMPLETED if known else Source.WRITTEN
        found[one.id] = Mission(one.id, label, description, source)
    return list(found.values())


def business_values(blueprint: Blueprint, graph: Roads) -> list[Value]:
    """Those derived, completed by what is written, then those that are only written."""
    found: dict[str, Value] = {}
    for one in (
        *_processes(blueprint),
        *_information(blueprint, graph),
        *_functions(blueprint),
    ):
        found.setdefault(one.id, one)
    for written in blueprint.ebios.business_values:
        found[written.id] = _completed(found.get(written.id), written)
    return list(found.values())


def _completed(known: Value | None, written: BusinessValue) -> Value:
    value = known or Value(written.id, plain(written.id), ValueKind.PROCESS)
    return replace(
        value,
        label=named(written.name, value.label),
        kind=written.kind or value.kind,
        assets=tuple(written.assets) or value.assets,
        needs=written.needs,
        owner=written.owner or value.owner,
        mission=written.mission or value.mission,
        source=Source.COMPLETED if known else Source.WRITTEN,
        left_out=written.leave_out,
    )


def _processes(blueprint: Blueprint) -> Iterator[Value]:
    """An objective is what the client lives on: the components of its requirements carry it."""
    known = {one.id for one in blueprint.architecture.components}
    for objective in blueprint.about.objectives:
        serving = [one for one in blueprint.about.requirements if objective.id in one.objectives]
        parts = list(dict.fromkeys(part for one in serving for part in one.components))
        parts = [part for part in parts if part in known]
        yield Value(
            objective.id,
            _without_stop(objective.statement),
            ValueKind.PROCESS,
            assets=(*parts, *flows_among(blueprint.architecture, set(parts))),
            proposed=_needs_of_process(serving),
            mission="mission",
        )


def _without_stop(statement: Wording) -> Names:
    """A sentence as a name inside others."""
    said = statement.names.by_language
    return Names({code: text.rstrip(" .") for code, text in said.items()})


def _needs_of_process(serving: Sequence[Requirement]) -> dict[Quality, Proposal]:
    must = [one for one in serving if one.priority is Priority.MUST]

    def first(*kinds: RequirementKind) -> Requirement | None:
        return next((one for one in must if one.kind in kinds), None)

    lasting = first(RequirementKind.OPERATION, RequirementKind.PERFORMANCE)
    legal = first(RequirementKind.REGULATION)
    guarded = first(RequirementKind.SECURITY)
    return {
        Quality.AVAILABILITY: _because(lasting or first(RequirementKind.FUNCTIONAL), 3, 2),
        Quality.INTEGRITY: _because(legal or guarded, 3, 2),
        Quality.CONFIDENTIALITY: _because(first(RequirementKind.PRIVACY), 2, 1),
        Quality.TRACEABILITY: _because(legal, 3, 1),
    }


def _because(demand: Requirement | None, then: int, otherwise: int) -> Proposal:
    if demand is None:
        text = Text(N_("no compulsory requirement says more"))
        return Proposal(Gravity(otherwise), text)
    text = Text(N_("{requirement} is compulsory"), {"requirement": demand.id})
    return Proposal(Gravity(then), text)


def _information(blueprint: Blueprint, graph: Roads) -> Iterator[Value]:
    for category in blueprint.privacy.data:
        assets = _carriers_of(blueprint, graph, category)
        yield Value(
            category.id,
            category.name.names,
            ValueKind.INFORMATION,
            assets=assets,
            proposed=_needs_of_data(blueprint, category.personal, category),
            mission="mission",
        )
    covered = {name.partition(".")[0] for one in blueprint.privacy.data for name in one.properties}
    senses = [
        one.id
        for one in blueprint.architecture.components
        if one.layer is Layer.PERCEPTION and not covered.intersection(one.things)
    ]
    shown = in_layer(blueprint.architecture, Layer.APPLICATION)
    parts = between(senses, shown, graph) if senses else set()
    if parts:
        yield Value(
            "measurements",
            Text(N_("Measurements")),
            ValueKind.INFORMATION,
            assets=_ordered(blueprint, parts),
            proposed=_needs_of_data(blueprint, Personal.NONE, None),
            mission="mission",
        )
    personal = [one for one in blueprint.architecture.flows if one.personal_data]
    if personal and not blueprint.privacy.data:
        yield Value(
            "personal-data",
            Text(N_("Personal data")),
            ValueKind.INFORMATION,
            assets=_ordered(blueprint, {end for one in personal for end in (one.from_, one.to)}),
            proposed=_needs_of_data(blueprint, Personal.DIRECT, None),
            mission="mission",
        )


def _needs_of_data(
    blueprint: Blueprint, personal: Personal, category: DataCategory | None
) -> dict[Quality, Proposal]:
    must = [one for one in blueprint.about.requirements if one.priority is Priority.MUST]
    about_people = _PERSONAL[personal] > 1
    legal = next((one for one in must if one.kind is RequirementKind.REGULATION), None)
    legal = None if about_people else legal
    complete = next(
        (
            one
            for one in must
            if one.measure and one.measure.subject.startswith(("data.", "outage."))
        ),
        None,
    )
    secret = _PERSONAL[personal]
    why = Text(N_("nobody can be recognised by it"))
    if category is not None and category.nature in _SENSITIVE and secret > 1:
        secret, why = 4, Text(N_("it is data of a special category"))
    elif secret > 1:
        why = Text(N_("it is about people"))
    return {
        Quality.AVAILABILITY: _because(None if about_people else complete, 3, 2),
        Quality.INTEGRITY: _because(legal, 3, 2),
        Quality.CONFIDENTIALITY: Proposal(Gravity(secret), why),
        Quality.TRACEABILITY: _because(legal, 3, 2 if about_people else 1),
    }


def _carriers_of(blueprint: Blueprint, graph: Roads, category: DataCategory) -> tuple[str, ...]:
    """What holds the data, or lets it through: by the flows that name it, else all the way from
    the devices that report it to where people see it."""
    architecture = blueprint.architecture
    things = {name.partition(".")[0] for name in category.properties}
    parts = set(category.components)
    parts.update(one.id for one in architecture.components if category.id in one.stores)
    senses = {one.id for one in architecture.components if things.intersection(one.things)}
    parts |= senses
    flows = [one for one in architecture.flows if category.id in one.data]
    if flows:
        parts.update(end for one in flows for end in (one.from_, one.to))
        return (*_in_order(blueprint, parts), *(one.id for one in flows))
    parts |= between(senses, in_layer(architecture, Layer.APPLICATION), graph) if senses else set()
    return _ordered(blueprint, parts)


def _functions(blueprint: Blueprint) -> Iterator[Value]:
    """Acting on the world from afar: from where people decide to what moves."""
    architecture = blueprint.architecture
    senses = set(in_layer(architecture, Layer.PERCEPTION))
    acting = {one.to for one in architecture.flows if one.to in senses and one.from_ not in senses}
    if not acting:
        return
    downward = architecture.model_copy(
        update={"flows": [one for one in architecture.flows if one.from_ not in acting]}
    )
    deciding = in_layer(architecture, Layer.PROCESSING, Layer.APPLICATION)
    parts = between(deciding, acting, roads(downward)) | acting
    parts |= {one.from_ for one in downward.flows if one.to in acting}
    why = Text(N_("a false command acts on the world"))
    yield Value(
        "commands",
        Text(N_("Commands from afar")),
        ValueKind.FUNCTION,
        assets=(*_in_order(blueprint, parts), *flows_among(downward, parts)),
        proposed={
            Quality.AVAILABILITY: _because(None, 2, 2),
            Quality.INTEGRITY: Proposal(Gravity.SERIOUS, why),
            Quality.CONFIDENTIALITY: _because(None, 1, 1),
            Quality.TRACEABILITY: _because(None, 2, 2),
        },
        mission="mission",
    )


def _in_order(blueprint: Blueprint, parts: set[str]) -> list[str]:
    components = [one.id for one in blueprint.architecture.components if one.id in parts]
    systems = [one.id for one in blueprint.about.existing_systems if one.id in parts]
    return [*components, *systems]


def _ordered(blueprint: Blueprint, parts: set[str]) -> tuple[str, ...]:
    """The parts in the order of their files, then the flows among them."""
    return (*_in_order(blueprint, parts), *flows_among(blueprint.architecture, parts))
