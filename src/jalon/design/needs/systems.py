"""Whether what is there already can do what flows and requirements ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.catalogues.flow_protocols import protocols_named
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Direction, Flow
from jalon.design.spec.solution import Access, ExistingSystem
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text


def check_systems(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Flows against the protocols and the access of existing systems."""
    systems = {one.id: one for one in blueprint.about.existing_systems}
    for index, flow in enumerate(blueprint.architecture.flows):
        path: Path = ("flows", index)
        for end, forbidden in ((flow.from_, Access.WRITE), (flow.to, Access.READ)):
            if end in systems:
                yield from _speaks(path, flow, systems[end])
                yield from _allowed(path, flow, systems[end], forbidden, today)
    yield from _reached(blueprint)
    yield from _unnamed(blueprint)
    for index, system in enumerate(blueprint.about.existing_systems):
        if system.until is not None and system.until < today:
            text = Text(
                N_("The limit of access of {system} ended on {day}: what does it allow now?"),
                {"system": system.id, "day": system.until.isoformat()},
            )
            at = Mark("solution", ("existing_systems", index, "until"))
            yield Remark("needs.limit-ended", Severity.INFO, at, text)


def _speaks(path: Path, flow: Flow, system: ExistingSystem) -> Iterator[Remark]:
    """Families are compared, so that “MQTT 3.1.1” is MQTT; unknown ones by their words."""
    if not system.protocols:
        return
    spoken = {one.family for word in system.protocols for one in protocols_named(word)}
    asked = {one.family for one in protocols_named(flow.protocol)}
    by_word = {word.casefold() for word in system.protocols}
    if asked & spoken or flow.protocol.casefold() in by_word:
        return
    text = Text(
        N_("{system} does not speak {protocol}."),
        {"system": system.id, "protocol": flow.protocol},
    )
    hint = nearest(flow.protocol, system.protocols)
    at = Mark("architecture", (*path, "protocol"))
    yield Remark("needs.system-protocol", Severity.WARNING, at, text, hint)


def _allowed(
    path: Path, flow: Flow, system: ExistingSystem, forbidden: Access, today: date
) -> Iterator[Remark]:
    over = system.until is not None and system.until < today
    # Data that comes back on the same road is an answer: asking is no writing.
    if system.access is not forbidden or over or flow.direction is Direction.BOTH:
        return
    writes = forbidden is Access.READ
    message = N_("{system} can only be read, and {flow} writes to it.")
    if not writes:
        message = N_("{system} can only be written to, and {flow} reads from it.")
    text = Text(message, {"system": system.id, "flow": flow.id})
    hint = None
    if system.until is not None:
        hint = Text(N_("This holds until {day}."), {"day": system.until.isoformat()})
    at = Mark("architecture", (*path, "to" if writes else "from"))
    yield Remark("needs.system-access", Severity.WARNING, at, text, hint)


def _reached(blueprint: Blueprint) -> Iterator[Remark]:
    """A requirement that depends on a system needs a flow to it or from it."""
    flows = blueprint.architecture.flows
    if not flows:
        return
    ends = {end for flow in flows for end in (flow.from_, flow.to)}
    for index, demand in enumerate(blueprint.about.requirements):
        for place, system in enumerate(demand.systems):
            if system not in ends:
                text = Text(
                    N_("{id} depends on {system}, which no flow reaches."),
                    {"id": demand.id, "system": system},
                )
                at = Mark("solution", ("requirements", index, "systems", place))
                yield Remark("needs.system-unreached", Severity.WARNING, at, text)


def _unnamed(blueprint: Blueprint) -> Iterator[Remark]:
    """A requirement that speaks of a system without saying that it depends on it: its constraints
    are then overlooked. Names of one word are too common to tell."""
    names = {
        name.casefold(): system
        for system in blueprint.about.existing_systems
        for name in (system.name.fr, system.name.en)
        if name is not None and " " in name
    }
    for index, demand in enumerate(blueprint.about.requirements):
        texts = f"{demand.statement.fr} {demand.statement.en}".casefold()
        for name, system in names.items():
            if name in texts and system.id not in demand.systems:
                text = Text(
                    N_("{id} speaks of {system} and does not name it under “systems”."),
                    {"id": demand.id, "system": system.id},
                )
                at = Mark("solution", ("requirements", index, "statement"))
                yield Remark("needs.system-unnamed", Severity.INFO, at, text)
                break
