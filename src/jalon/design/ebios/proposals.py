"""Drafts for workshops 2 to 4, from what the architecture lets through: so that nobody begins
before an empty page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from jalon.design.blueprint import Blueprint
from jalon.design.document import Speak
from jalon.design.ebios.events import Event
from jalon.design.ebios.origins import Origin
from jalon.design.ebios.roads import Roads, exposed, in_layer, roads, shortest
from jalon.design.ebios.sheet import told
from jalon.design.ebios.situations import threats_by_element
from jalon.design.ebios.study import Study, study
from jalon.design.spec.architecture import Layer
from jalon.design.spec.ebios import (
    Action,
    OperationalScenario,
    Pair,
    Phase,
    Quality,
    StrategicScenario,
)
from jalon.design.threats.threat import Stride, Threat
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

WANTED: Mapping[str, frozenset[Quality]] = MappingProxyType(
    {
        "espionage": frozenset((Quality.CONFIDENTIALITY,)),
        "prepositioning": frozenset((Quality.CONFIDENTIALITY, Quality.INTEGRITY)),
        "influence": frozenset((Quality.INTEGRITY, Quality.CONFIDENTIALITY)),
        "disruption": frozenset((Quality.AVAILABILITY, Quality.INTEGRITY)),
        "profit": frozenset((Quality.INTEGRITY, Quality.TRACEABILITY, Quality.AVAILABILITY)),
        "challenge": frozenset((Quality.AVAILABILITY,)),
    }
)
"""What each target objective makes people go for."""
_STRIDE: Mapping[Quality, tuple[Stride, ...]] = MappingProxyType(
    {
        Quality.AVAILABILITY: (Stride.DENIAL,),
        Quality.INTEGRITY: (Stride.TAMPERING, Stride.SPOOFING),
        Quality.CONFIDENTIALITY: (Stride.DISCLOSURE,),
        Quality.TRACEABILITY: (Stride.REPUDIATION,),
    }
)
_ENDS: Mapping[Quality, str] = MappingProxyType(
    {
        Quality.AVAILABILITY: N_("Stop {asset}"),
        Quality.INTEGRITY: N_("Falsify what {asset} holds or says"),
        Quality.CONFIDENTIALITY: N_("Take the data of {asset}"),
        Quality.TRACEABILITY: N_("Wipe the traces in {asset}"),
    }
)
_THREATS_SHOWN = 2
_NEW_PAIRS = 4
"""How many pairs are proposed where none is retained: a study that can be read keeps few."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Entries that could be added to ebios.yaml, to be judged and rewritten by somebody."""

    pairs: Sequence[Pair]
    strategic: Sequence[StrategicScenario]
    operational: Sequence[OperationalScenario]

    @property
    def empty(self) -> bool:
        """Whether nothing is left to propose."""
        return not (self.pairs or self.strategic or self.operational)


def propose(blueprint: Blueprint, speakers: Sequence[Speak]) -> Draft:
    """What the study still lacks: pairs when none is retained, a strategic scenario for each
    serious feared event and each retained pair without one, operational ones for every strategic
    scenario without. Texts in the languages of `speakers`."""
    writer = _Writer(blueprint, study(blueprint), speakers)
    return writer.draft()


class _Writer:
    def __init__(self, blueprint: Blueprint, found: Study, speakers: Sequence[Speak]) -> None:
        self._blueprint = blueprint
        self._found = found
        self._speakers = speakers
        self._graph: Roads = roads(blueprint.architecture)
        self._labels = {one.id: one.label for one in found.assets}
        self._ids = {
            *(one.id for one in blueprint.ebios.strategic_scenarios),
            *(one.id for one in blueprint.ebios.operational_scenarios),
        }

    def draft(self) -> Draft:
        written = self._blueprint.ebios
        pairs = [one for one in self._found.origins if one.retained]
        used = {one.pair for one in written.strategic_scenarios}
        followed = {one.feared_event for one in written.strategic_scenarios}
        serious = [one for one in self._found.events if one.serious]
        judged = [one for one in serious if one.confirmed]
        new_pairs: dict[str, Origin] = {}
        strategic = []
        for event in judged or serious:
            if event.id in followed:
                continue
            pair = self._pair_for(event, pairs, used, new_pairs)
            if pair is not None:
                used.add(pair.id)
                strategic.append(self._strategic(event, pair))
        events = {one.id: one for one in self._found.events}
        carried = {one.strategic for one in written.operational_scenarios}
        waiting = [one for one in written.strategic_scenarios if one.id not in carried]
        operational = [
            way
            for one in [*waiting, *strategic]
            if one.feared_event in events
            for way in self._operational(one, events[one.feared_event])
        ]
        return Draft([self._pair(one) for one in new_pairs.values()], strategic, operational)

    def _say(self, text: Text) -> Wording:
        return Wording(**{one.code: told(text, one) for one in self._speakers})

    def _next_id(self, letter: str) -> str:
        number = 1
        while f"{letter}{number}" in self._ids:
            number += 1
        self._ids.add(f"{letter}{number}")
        return f"{letter}{number}"

    def _pair_for(
        self, event: Event, pairs: list[Origin], used: set[str], new: dict[str, Origin]
    ) -> Origin | None:
        """A pair that wants this: first one without a scenario; of the catalogue when none is
        retained."""
        pool = pairs or [one for one in self._found.origins if one.retained is None]
        if not pairs and len(new) >= _NEW_PAIRS:
            pool = list(new.values())
        quality = event.quality or Quality.AVAILABILITY
        fitting = [one for one in pool if quality in WANTED.get(one.objective, frozenset(Quality))]
        found = min(
            fitting or pairs, key=lambda one: (one.id in used, -one.relevance), default=None
        )
        if found is not None and not pairs:
            new[found.id] = found
        return found

    def _pair(self, one: Origin) -> Pair:
        return Pair(
            id=one.id,
            origin=one.origin,
            aim=one.objective,
            motivation=one.motivation,
            resources=one.resources,
            retained=True,
            reason=self._say(Text(N_("Proposed by Jalon: to be judged."))),
        )

    def _strategic(self, event: Event, pair: Origin) -> StrategicScenario:
        ways = self._ways(event)
        said = {"pair": pair.label, "event": event.label}
        return StrategicScenario(
            id=self._next_id("S"),
            name=self._say(Text(N_("{pair} – {event}"), said)),
            pair=pair.id,
            feared_event=event.id,
            path=ways[0] if ways else [],
        )

    def _ways(self, event: Event) -> list[list[str]]:
        """From what strangers reach to what carries the value: the shortest way, and the shortest
        to where the data is kept."""
        value = next((one for one in self._found.values if one.id == event.value), None)
        every = {one.id for one in self._blueprint.architecture.components}
        carriers = set(value.assets if value else ()) or every
        kept = set(in_layer(self._blueprint.architecture, Layer.PROCESSING, Layer.APPLICATION))
        starts = sorted(exposed(self._blueprint))
        secret = event.quality in (Quality.CONFIDENTIALITY, Quality.TRACEABILITY)
        goals = [carriers & kept] if secret and carriers & kept else [carriers, carriers & kept]
        ways: list[list[str]] = []
        for goal in goals:
            way = shortest(starts, goal, self._graph.beside)
            if way and way not in ways:
                ways.append(way)
        return ways

    def _operational(
        self, scenario: StrategicScenario, event: Event
    ) -> Iterator[OperationalScenario]:
        for way in self._ways(event):
            start, end = self._labels[way[0]], self._labels[way[-1]]
            text = Text(N_("By way of {start}"), {"start": start})
            if len(way) > 1:
                text = Text(N_("From {start} to {end}"), {"start": start, "end": end})
            yield OperationalScenario(
                id=self._next_id("OP"),
                strategic=scenario.id,
                name=self._say(text),
                actions=list(self._actions(way, event.quality or Quality.AVAILABILITY)),
            )

    def _actions(self, way: Sequence[str], quality: Quality) -> Iterator[Action]:
        entry, *others = way
        target = way[-1]
        steps = [
            (Phase.KNOW, entry, N_("Observe {asset} and read its documentation"), ()),
            (Phase.ENTER, entry, N_("Gain a foothold on {asset}"), self._threats(entry)),
            *((Phase.FIND, one, N_("Move on to {asset}"), self._threats(one)) for one in others),
            (Phase.EXPLOIT, target, _ENDS[quality], self._threats(target, _STRIDE[quality])),
        ]
        for number, (phase, asset, sentence, threats) in enumerate(steps, start=1):
            yield Action(
                id=f"A{number}",
                name=self._say(Text(sentence, {"asset": self._labels.get(asset, Text(asset))})),
                phase=phase,
                asset=asset,
                threats=[one.key for one in threats],
                likelihood=4 if phase is Phase.KNOW else None,
                after=[f"A{number - 1}"] if number > 1 else [],
            )

    def _threats(self, asset: str, wanted: Sequence[Stride] = ()) -> Sequence[Threat]:
        """The likeliest threats of an asset, those of the wanted kinds when there are some."""
        every = threats_by_element(self._blueprint).get(asset, ())
        fitting = [one for one in every if set(wanted) & set(one.stride)]
        return (fitting or every)[:_THREATS_SHOWN]
