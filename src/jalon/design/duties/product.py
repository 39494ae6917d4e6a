"""The product placed on the market: its class under the Cyber Resilience Act, and the sheet about
its data that the Data Act wants shown before the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.regulations import CraClass, regulations
from jalon.design.blueprint import Blueprint, PropertyFacts, ThingFacts
from jalon.design.duties.data import data_view
from jalon.design.duties.retention import retention
from jalon.design.spec.architecture import Component
from jalon.vocab.entries import Wording
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_, Names, Text

CLASS_WORDS = {
    CraClass.DEFAULT: N_("default"),
    CraClass.IMPORTANT_1: N_("important, class I"),
    CraClass.IMPORTANT_2: N_("important, class II"),
    CraClass.CRITICAL: N_("critical"),
}
PROCEDURES = {
    CraClass.DEFAULT: N_("Self-assessment by the manufacturer (module A)."),
    CraClass.IMPORTANT_1: N_(
        "Self-assessment (module A) where harmonised standards are applied in full; otherwise a"
        " third party: type examination (B + C) or full quality assurance (H)."
    ),
    CraClass.IMPORTANT_2: N_(
        "A third party: type examination (modules B + C) or full quality assurance (module H)."
    ),
    CraClass.CRITICAL: N_(
        "A European certification scheme where one is demanded; otherwise a third party (B + C or"
        " H). To check."
    ),
}
CRA_DEADLINES = (
    N_(
        "Actively exploited vulnerability: early warning within 24 h, notification within 72 h,"
        " final report 14 days at most after a correction is available."
    ),
    N_(
        "Severe incident: early warning within 24 h, notification within 72 h, final report within"
        " a month."
    ),
    N_("To the coordinating CSIRT (in France CERT-FR) and to ENISA, by the single platform."),
)


@dataclass(frozen=True, slots=True)
class CraGround:
    """A function that weighs for the class. `counts` is true of the product's main function."""

    id: str
    name: Wording
    class_: CraClass
    counts: bool
    reason: Wording | None = None
    suggested_by: str = ""


@dataclass(frozen=True, slots=True)
class CraProposal:
    """The class proposed, and why."""

    class_: CraClass
    grounds: Sequence[CraGround]

    @property
    def procedure(self) -> Text:
        """How conformity is assessed."""
        return Text(PROCEDURES[self.class_])


@lru_cache(maxsize=4)
def cra_class(blueprint: Blueprint) -> CraProposal:
    """The heaviest class among the functions the product is mainly made for; functions that kinds
    of components suggest are named, but only people can say what a product is mainly for."""
    product = blueprint.regulation.product
    written = {one.id: one for one in (product.functions if product else ())}
    grounds = []
    for function in regulations().cra_functions:
        said = written.get(function.id)
        by = "" if said else _suggested(blueprint, function.kinds)
        if said or by:
            grounds.append(
                CraGround(
                    function.id,
                    function.name,
                    function.class_,
                    bool(said and said.main),
                    said.reason if said else None,
                    by,
                )
            )
    order = list(CraClass)
    heavy = max((order.index(one.class_) for one in grounds if one.counts), default=0)
    return CraProposal(order[heavy], tuple(grounds))


def _suggested(blueprint: Blueprint, kinds: Sequence[str]) -> str:
    for component in blueprint.architecture.components:
        words = (component.kind or "").casefold().split()
        if set(kinds) & set(words):
            return component.id
    return ""


@dataclass(frozen=True, slots=True)
class DataSheetRow:
    """What a device of a type gives: one property. `per_day` counts values, `days` is how long they
    are kept, None for ever."""

    thing: str
    property: str
    thing_names: Names
    names: Names
    kind: ValueKind
    unit: str
    format: str
    per_day: float | None
    days: float | None


@dataclass(frozen=True, slots=True)
class DataSheet:
    """The data of the product. `bytes_per_day` is of one device of each type, by thing."""

    rows: Sequence[DataSheetRow]
    bytes_per_day: Sequence[tuple[str, float]]


@lru_cache(maxsize=4)
def data_sheet(blueprint: Blueprint) -> DataSheet:
    """Computed from things, flows and retention."""
    kept = retention(blueprint)
    rows, volumes = [], []
    for thing in blueprint.things.values():
        component = _component(blueprint, thing)
        flows = [
            one
            for one in blueprint.architecture.flows
            if component is not None and one.from_ == component.id
        ]
        written = next((one.format for one in flows if one.format), "")
        per_day = 86_400 / thing.period_s if thing.period_s else None
        size = next((one.size for one in flows if one.size), None)
        if per_day is not None and size is not None:
            volumes.append((thing.id, per_day * size))
        for prop in thing.properties.values():
            rule = kept.get((thing.id, prop.id))
            rows.append(_row(thing, prop, written, per_day, rule.days if rule else None))
    return DataSheet(tuple(rows), tuple(volumes))


def _row(
    thing: ThingFacts, prop: PropertyFacts, written: str, per_day: float | None, days: float | None
) -> DataSheetRow:
    return DataSheetRow(
        thing.id,
        prop.id,
        thing.names,
        prop.names,
        prop.kind,
        prop.unit,
        written,
        per_day,
        days,
    )


def _component(blueprint: Blueprint, thing: ThingFacts) -> Component | None:
    found = (one for one in blueprint.architecture.components if thing.id in one.things)
    return next(found, None)


def hosting(blueprint: Blueprint) -> dict[str, list[str]]:
    """Components by the country they stand in."""
    view = data_view(blueprint)
    found: dict[str, list[str]] = {}
    for component in blueprint.architecture.components:
        found.setdefault(view.country(component.id), []).append(component.id)
    return found
