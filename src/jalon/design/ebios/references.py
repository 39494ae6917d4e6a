"""What the words of ebios.yaml refer to: errors where they lead nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.study import Study
from jalon.design.spec.ebios import Action, EbiosFile, OperationalScenario
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, repeated
from jalon.vocab.text import N_, Text

PART = "ebios"
_LISTS = (
    "missions",
    "business_values",
    "supporting_assets",
    "feared_events",
    "baseline",
    "pairs",
    "stakeholders",
    "strategic_scenarios",
    "operational_scenarios",
    "treatments",
    "indicators",
)
_MISSING: Mapping[str, str] = {
    "mission": N_("There is no mission “{id}”."),
    "value": N_("There is no business value “{id}”."),
    "asset": N_("The architecture has no “{id}”, and it is no supporting asset of ebios.yaml."),
    "stop": N_("“{id}” is neither a stakeholder nor a supporting asset."),
    "control": N_("There is no control “{id}” in security.yaml."),
    "pair": N_("There is no pair “{id}”."),
    "event": N_("There is no feared event “{id}”."),
    "strategic-scenario": N_("There is no strategic scenario “{id}”."),
    "action": N_("There is no action “{id}” in this scenario."),
}


@dataclass(frozen=True)
class Known:
    """The ids that may be named, by what they are."""

    ids: Mapping[str, frozenset[str]]

    def each(self, kind: str, path: Path, words: Sequence[str]) -> Iterator[Remark]:
        """An error for every word of the list at `path` that is none of its kind."""
        for index, word in enumerate(words):
            yield from self.one(kind, (*path, index), word)

    def one(self, kind: str, path: Path, word: str | None) -> Iterator[Remark]:
        """The same for a single word; None is no word."""
        if word is not None and word not in self.ids[kind]:
            yield _lost(kind, path, word, self.ids[kind])


def check_references(blueprint: Blueprint, found: Study) -> Iterator[Remark]:
    """Ids given twice, words that lead nowhere, circles of actions, thresholds the wrong way."""
    written = blueprint.ebios
    for key in _LISTS:
        ids = [one.id for one in getattr(written, key)]
        yield from repeated("ebios.duplicate-id", PART, (key,), ids)
    known = _known(blueprint, found)
    yield from _scope(written, known)
    yield from _attacks(written, known)
    for index, one in enumerate(written.operational_scenarios):
        yield from _operation(one, ("operational_scenarios", index), known)
    yield from _treatment(written, known)
    yield from _thresholds(written)


def _known(blueprint: Blueprint, found: Study) -> Known:
    assets = frozenset(one.id for one in found.assets)
    systems = frozenset(one.id for one in blueprint.about.existing_systems)
    stakeholders = frozenset(one.id for one in found.stakeholders)
    return Known(
        {
            "mission": frozenset(one.id for one in found.missions),
            "value": frozenset(one.id for one in found.values),
            "asset": assets | systems,
            "stop": assets | systems | stakeholders,
            "control": frozenset(one.id for one in blueprint.security.controls),
            "pair": frozenset(one.id for one in blueprint.ebios.pairs),
            "event": frozenset(one.id for one in found.events),
            "strategic-scenario": frozenset(one.id for one in blueprint.ebios.strategic_scenarios),
        }
    )


def _lost(kind: str, path: Path, word: str, known: Collection[str]) -> Remark:
    text = Text(_MISSING[kind], {"id": word})
    hint = nearest(word, sorted(known))
    return Remark(f"ebios.unknown-{kind}", Severity.ERROR, Mark(PART, path), text, hint)


def _scope(written: EbiosFile, known: Known) -> Iterator[Remark]:
    for index, value in enumerate(written.business_values):
        path: Path = ("business_values", index)
        yield from known.one("mission", (*path, "mission"), value.mission)
        yield from known.each("asset", (*path, "assets"), value.assets)
    for index, asset in enumerate(written.supporting_assets):
        yield from known.each("value", ("supporting_assets", index, "values"), asset.values)
    for index, event in enumerate(written.feared_events):
        yield from known.one("value", ("feared_events", index, "value"), event.value)


def _attacks(written: EbiosFile, known: Known) -> Iterator[Remark]:
    for index, party in enumerate(written.stakeholders):
        path: Path = ("stakeholders", index)
        yield from known.each("asset", (*path, "assets"), party.assets)
        yield from known.each("control", (*path, "measures"), party.measures)
    for index, scenario in enumerate(written.strategic_scenarios):
        path = ("strategic_scenarios", index)
        yield from known.one("pair", (*path, "pair"), scenario.pair)
        yield from known.one("event", (*path, "feared_event"), scenario.feared_event)
        yield from known.each("stop", (*path, "path"), scenario.path)


def _operation(scenario: OperationalScenario, path: Path, known: Known) -> Iterator[Remark]:
    yield from known.one("strategic-scenario", (*path, "strategic"), scenario.strategic)
    names = [one.id for one in scenario.actions]
    under = (*path, "actions")
    yield from repeated("ebios.duplicate-id", PART, under, names)
    for index, action in enumerate(scenario.actions):
        here = (*under, index)
        yield from known.one("asset", (*here, "asset"), action.asset)
        yield from known.each("control", (*here, "controls"), action.controls)
        for place, before in enumerate(action.after):
            if before not in names:
                yield _lost("action", (*here, "after", place), before, names)
    yield from _circles(scenario.actions, under)


def _circles(actions: Sequence[Action], under: Path) -> Iterator[Remark]:
    """An action that has to come before itself."""
    earlier = {one.id: one.after for one in actions}
    for index, action in enumerate(actions):
        seen: set[str] = set()
        waiting = list(action.after)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += earlier.get(name, [])
        if action.id in seen:
            text = Text(N_("The action “{id}” comes after itself."), {"id": action.id})
            at = Mark(PART, (*under, index, "after"))
            yield Remark("ebios.circle", Severity.ERROR, at, text)
            return


def _treatment(written: EbiosFile, known: Known) -> Iterator[Remark]:
    for index, one in enumerate(written.treatments):
        path: Path = ("treatments", index)
        yield from known.one("strategic-scenario", (*path, "risk"), one.risk)
        yield from known.each("control", (*path, "measures"), one.measures)
        yield from known.each("control", (*path, "gravity_measures"), one.gravity_measures)
    for index, indicator in enumerate(written.indicators):
        path = ("indicators", index, "risks")
        yield from known.each("strategic-scenario", path, indicator.risks)


def _thresholds(written: EbiosFile) -> Iterator[Remark]:
    rules = written.study
    if not rules.danger > rules.control > rules.watch:
        text = Text(N_("The thresholds must go down: danger, control, watch."))
        yield Remark("ebios.thresholds", Severity.ERROR, Mark(PART, ("study",)), text)
