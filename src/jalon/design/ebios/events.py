"""Workshop 1: what must not happen to each business value, and how bad it would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.business import Proposal, Value
from jalon.design.ebios.sources import Label, Source, named
from jalon.design.scales import Gravity
from jalon.design.spec.ebios import FearedEvent, Quality
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

_SENTENCES: Mapping[Quality, str] = MappingProxyType(
    {
        Quality.AVAILABILITY: N_("{value}: not there when it is needed"),
        Quality.INTEGRITY: N_("{value}: wrong, without anybody noticing"),
        Quality.CONFIDENTIALITY: N_("{value}: known to those who should not"),
        Quality.TRACEABILITY: N_("{value}: nobody can tell who did what, or when"),
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """A feared event. `proposed` is what the files suggest for it, where they say something;
    `confirmed` whether a person set the gravity, in the event or in the needs of its value."""

    id: str
    label: Label
    value: str
    quality: Quality | None
    gravity: Gravity
    confirmed: bool
    proposed: Proposal | None = None
    impacts: Sequence[Wording] = ()
    source: Source = Source.DERIVED
    left_out: Wording | None = None

    @property
    def serious(self) -> bool:
        """Whether the study has to follow it up."""
        return self.gravity >= Gravity.SERIOUS and self.left_out is None


def feared_events(blueprint: Blueprint, values: Sequence[Value]) -> list[Event]:
    """An event for each need of G2 or more, the values in their order; then what is written."""
    written = {one.id: one for one in blueprint.ebios.feared_events}
    instead = {(one.value, one.quality): one for one in written.values() if one.quality}
    told: set[str] = set()
    found: list[Event] = []
    for value in values:
        if value.left_out is not None:
            continue
        for quality in Quality:
            entry = instead.get((value.id, quality)) or written.get(f"{value.id}-{quality}")
            event = _event(value, quality, entry)
            if entry is not None:
                told.add(entry.id)
            if entry is not None or event.gravity > Gravity.MINOR:
                found.append(event)
    by_id = {value.id: value for value in values}
    return [*found, *_others([one for key, one in written.items() if key not in told], by_id)]


def _event(value: Value, quality: Quality, entry: FearedEvent | None) -> Event:
    proposal = value.proposed.get(quality)
    set_by_hand = (entry.gravity if entry else None) or value.needs.of(quality)
    suggested = proposal.gravity if proposal else Gravity.MINOR
    derived = Text(_SENTENCES[quality], {"value": value.label})
    return Event(
        entry.id if entry else f"{value.id}-{quality}",
        named(entry.name if entry else None, derived),
        value.id,
        quality,
        Gravity(set_by_hand) if set_by_hand else suggested,
        confirmed=set_by_hand is not None,
        proposed=proposal,
        impacts=tuple(entry.impacts) if entry else (),
        source=Source.COMPLETED if entry else Source.DERIVED,
        left_out=entry.leave_out if entry else None,
    )


def _others(entries: Sequence[FearedEvent], values: Mapping[str, Value]) -> Iterator[Event]:
    """Events without a quality, or of a value that is left out or not there."""
    for entry in entries:
        value = values.get(entry.value or "")
        need = value.needs.of(entry.quality) if value and entry.quality else None
        level = entry.gravity or need
        yield Event(
            entry.id,
            named(entry.name, Text(N_("Event {id}"), {"id": entry.id})),
            entry.value or "",
            entry.quality,
            Gravity(level or Gravity.MINOR),
            confirmed=level is not None,
            impacts=tuple(entry.impacts),
            source=Source.WRITTEN,
            left_out=entry.leave_out,
        )
