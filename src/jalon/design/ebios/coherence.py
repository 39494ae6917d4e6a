"""Whether the workshops hold together: nothing serious forgotten, nothing left without an end."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.ecosystem import Zone
from jalon.design.ebios.origins import FEWEST, MOST
from jalon.design.ebios.references import PART
from jalon.design.ebios.situations import threats_by_key
from jalon.design.ebios.study import Study
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

_SHOWN = 8
_PROPOSE = Text(N_("“jalon design ebios propose” drafts one from the architecture."))


def warning(
    rule: str, path: Path, message: str, hint: Text | None = None, **said: object
) -> Remark:
    """A weakness of the study at a place of ebios.yaml."""
    return Remark(f"ebios.{rule}", Severity.WARNING, Mark(PART, path), Text(message, said), hint)


def advice(rule: str, path: Path, message: str, **said: object) -> Remark:
    """Something to look at, at the key of a list."""
    at = Mark(PART, path, on_key=len(path) == 1)
    return Remark(f"ebios.{rule}", Severity.INFO, at, Text(message, said))


def listed(ids: list[str]) -> str:
    """The first of them."""
    return ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")


def check_coherence(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    """Workshops 1 to 4, held against each other."""
    yield from _nameless(blueprint, found)
    yield from _events(blueprint, found)
    yield from _pairs(blueprint)
    yield from _stakeholders(blueprint, found)
    yield from _scenarios(blueprint, found)
    yield from _actions(blueprint)
    yield from _never_reached(blueprint, found)


def _nameless(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    """An id that completes nothing, and has no name of its own, was probably mistyped."""
    written = blueprint.ebios
    derived = {
        "business_values": [one.id for one in found.values if one.source != "written"],
        "supporting_assets": [one.id for one in found.assets if one.source != "written"],
        "stakeholders": [one.id for one in found.stakeholders if one.source != "written"],
        "missions": [one.id for one in found.missions if one.source != "written"],
    }
    for key, known in derived.items():
        for index, one in enumerate(getattr(written, key)):
            if one.name is None and one.id not in known:
                message = N_("Nothing derived is called “{id}”, and it has no name of its own.")
                hint = nearest(one.id, known)
                yield warning("nameless", (key, index, "id"), message, hint, id=one.id)


def _events(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    written = {one.id: index for index, one in enumerate(blueprint.ebios.feared_events)}
    values = {one.id: index for index, one in enumerate(blueprint.ebios.business_values)}
    for name, index in written.items():
        entry = blueprint.ebios.feared_events[index]
        derived = any(one.id == name and one.value for one in found.events)
        if entry.value is None and not derived:
            message = N_("The feared event “{id}” is about no business value.")
            yield warning("event-without-value", ("feared_events", index), message, id=name)
    followed = {one.feared_event for one in blueprint.ebios.strategic_scenarios}
    open_ones = []
    for event in found.events:
        if not event.serious or event.id in followed:
            continue
        if not event.confirmed:
            open_ones.append(event.id)
            continue
        at: Path = ("feared_events", written.get(event.id, -1))
        if event.id not in written:
            at = ("business_values", values[event.value], "needs", str(event.quality))
        message = N_("No strategic scenario leads to “{id}”, which is of gravity G{gravity}.")
        gravity = int(event.gravity)
        yield warning("event-without-scenario", at, message, _PROPOSE, id=event.id, gravity=gravity)
    lists = {
        "feared_events": written,
        "business_values": values,
        "strategic_scenarios": blueprint.ebios.strategic_scenarios,
    }
    begun = [key for key, entries in lists.items() if entries]
    if open_ones and begun:
        message = N_("Feared events of gravity G3 or more wait for somebody's judgement: {ids}.")
        yield advice("unconfirmed", (begun[0],), message, ids=listed(open_ones))


def _pairs(blueprint: Blueprint) -> Iterator[Remark]:
    written = blueprint.ebios
    used = {one.pair for one in written.strategic_scenarios}
    retained = [one for one in written.pairs if one.retained]
    for index, pair in enumerate(written.pairs):
        if pair.retained and pair.id not in used:
            message = N_("The pair “{id}” is retained, but no strategic scenario is about it.")
            yield warning("pair-without-scenario", ("pairs", index), message, _PROPOSE, id=pair.id)
    if written.pairs and not FEWEST <= len(retained) <= MOST:
        message = N_("Pairs retained: {count}. A study that can be read keeps three to six.")
        yield advice("pairs-retained", ("pairs",), message, count=len(retained))
    dropped = {one.id for one in written.pairs if not one.retained}
    for index, scenario in enumerate(written.strategic_scenarios):
        if scenario.pair in dropped:
            message = N_("The pair “{id}” is not retained.")
            path: Path = ("strategic_scenarios", index, "pair")
            yield warning("pair-not-retained", path, message, id=scenario.pair)


def _stakeholders(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    written = {one.id: index for index, one in enumerate(blueprint.ebios.stakeholders)}
    for one in found.stakeholders:
        if one.zone is Zone.DANGER and not one.measures and one.left_out is None:
            message = N_("“{id}” is in the danger zone ({level}), and no measure is about it.")
            level = round(one.level, 1)
            at: Path = ("stakeholders", written[one.id]) if one.id in written else ("study",)
            yield warning("danger-without-measure", at, message, id=one.id, level=level)


def _scenarios(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    carried = {one.strategic for one in blueprint.ebios.operational_scenarios}
    for index, scenario in enumerate(blueprint.ebios.strategic_scenarios):
        if scenario.id not in carried:
            message = N_(
                "No operational scenario carries out “{id}”: nobody knows how likely it is."
            )
            path: Path = ("strategic_scenarios", index)
            yield warning("scenario-without-operation", path, message, _PROPOSE, id=scenario.id)
    for index, operation in enumerate(found.operations):
        if operation.initial is None:
            message = N_("The scenario “{id}” has no action and no likelihood.")
            path = ("operational_scenarios", index)
            yield warning("unweighed", path, message, id=operation.scenario.id)


def _actions(blueprint: Blueprint) -> Iterator[Remark]:
    known = threats_by_key(blueprint)
    for number, scenario in enumerate(blueprint.ebios.operational_scenarios):
        for index, action in enumerate(scenario.actions):
            here: Path = ("operational_scenarios", number, "actions", index)
            for place, key in enumerate(action.threats):
                if key not in known:
                    message = N_("No threat “{id}” is found in this architecture.")
                    hint = nearest(key, _threats_of(blueprint, action.asset) or known)
                    path: Path = (*here, "threats", place)
                    yield warning("unknown-threat", path, message, hint, id=key)
            if action.likelihood is None and not any(one in known for one in action.threats):
                message = N_(
                    "Nothing says how likely the action “{id}” is: it counts as nearly certain."
                )
                yield warning("unweighed", here, message, id=action.id)


def _threats_of(blueprint: Blueprint, asset: str) -> list[str]:
    return [key for key in threats_by_key(blueprint) if key.partition("@")[2] == asset]


def _never_reached(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    """Assets that carry something and that no attack goes through: forgotten, perhaps."""
    written = blueprint.ebios
    if not written.operational_scenarios:
        return
    passed = {stop for one in written.strategic_scenarios for stop in one.path}
    passed.update(one.asset for ways in written.operational_scenarios for one in ways.actions)
    for flow in blueprint.architecture.flows:
        if flow.id in passed:
            passed.update((flow.from_, flow.to))
    flows = {one.id for one in blueprint.architecture.flows}
    forgotten = [
        one.id
        for one in found.assets
        if one.values and one.id not in passed | flows and one.left_out is None
    ]
    if forgotten:
        message = N_("No scenario goes through {ids}: forgotten, or left out on purpose?")
        ids = listed(forgotten)
        yield advice("never-reached", ("operational_scenarios",), message, ids=ids)
