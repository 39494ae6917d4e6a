"""Hard demands: written, or derived from requirements, flows and existing systems. An option that
does not meet one is out, with the reason in words and the requirement behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from jalon.catalogues.radios import Mobility
from jalon.catalogues.units import UnitError, convert
from jalon.design.blueprint import Blueprint
from jalon.design.choices.candidates import Candidate
from jalon.design.sizing.figures import Label, rounded
from jalon.design.sizing.traffic import traffic
from jalon.design.spec.architecture import Layer
from jalon.design.spec.choices import Demand, DemandKind, Question
from jalon.design.spec.solution import Priority, Requirement
from jalon.vocab.measure import Comparison
from jalon.vocab.text import N_, Text


class Verdict(StrEnum):
    """`UNKNOWN`: nobody knows the option's figure; it is to be measured in the prototype."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Held:
    """An option held against a demand. `reason` says it in words."""

    verdict: Verdict
    reason: Label
    requirement: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A demand and where it comes from: `derived` ones are in no file."""

    demand: Demand
    derived: bool = False


def demands_of(blueprint: Blueprint, question: Question) -> tuple[Wanted, ...]:
    """Those written, and those that follow from what else is written. A written one takes the
    place of derived ones of its kind."""
    written = [Wanted(one) for one in question.demands]
    kinds = {one.kind for one in question.demands}
    derived = _derived(blueprint, question) if question.derive else ()
    found = [Wanted(one, derived=True) for one in derived if one.kind not in kinds]
    return (*written, *found)


_MEASURED = (
    (DemandKind.BATTERY, "battery.life", "a"),
    (DemandKind.DOWNLINK, "command.latency", "s"),
    (DemandKind.COST, "cost.per_device", "EUR/mo"),
)
"""Kinds that a requirement's measure asks for, with the unit of their bound."""


def _derived(blueprint: Blueprint, question: Question) -> Iterator[Demand]:
    named = set(question.components)
    if question.layer is Layer.NETWORK and named:
        ups = [
            one
            for one in traffic(blueprint).values()
            if one.edge.source.id in named and not one.edge.down
        ]
        size = max((one.payload or 0 for one in ups), default=0)
        rate = max((one.per_sender or 0 for one in ups), default=0)
        if size:
            yield Demand(id="payload", kind=DemandKind.PAYLOAD, value=size)
        if rate:
            yield Demand(id="rate", kind=DemandKind.RATE, value=rate)
    priced = any(one.cost_month is not None for one in question.options)
    for demand in blueprint.about.requirements:
        if demand.priority is Priority.WONT:
            continue
        for kind, subject, unit in _MEASURED:
            about = priced if kind is DemandKind.COST else bool(named & set(demand.components))
            bound = _bound(demand, subject, unit) if about else None
            radio = kind is DemandKind.COST or question.layer is Layer.NETWORK
            if bound is not None and radio:
                yield Demand(id=demand.id, kind=kind, value=bound, requirement=demand.id)


def _bound(demand: Requirement, subject: str, unit: str) -> float | None:
    """The bound of a measure of that subject, in the unit; None for another."""
    measure = demand.measure
    if measure is None or measure.subject != subject or measure.comparison is Comparison.EQUAL:
        return None
    try:
        return convert(float(measure.bound), measure.unit, unit)
    except UnitError:
        return None


def held_against(wanted: Wanted, one: Candidate, blueprint: Blueprint) -> Held:
    """What the option does with the demand."""
    demand = wanted.demand
    verdict, reason = _RULES[demand.kind](demand, one, blueprint)
    return Held(verdict, reason, demand.requirement or "")


_Judged = tuple[Verdict, Text]
_UNKNOWN = N_("not known, to be measured in the prototype: {what}")


def _at_most(demand: Demand, known: float | None, message: str, what: str) -> _Judged:
    """Whether a figure of the option is below the bound."""
    if known is None:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(what)})
    bound = demand.value or 0
    params: dict[str, object] = {"bound": rounded(bound), "known": rounded(known)}
    return (Verdict.MET if known <= bound else Verdict.BROKEN), Text(message, params)


def _at_least(demand: Demand, known: float | None, message: str, what: str) -> _Judged:
    """Whether a figure of the option reaches the bound."""
    if known is None:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(what)})
    bound = demand.value or 0
    params: dict[str, object] = {"bound": rounded(bound), "known": rounded(known)}
    return (Verdict.MET if known >= bound else Verdict.BROKEN), Text(message, params)


def _payload(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    message = N_("a message has {bound} bytes; {known} fit")
    return _unbounded(_at_least(demand, one.payload_max, message, N_("bytes of a message")), one)


def _rate(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    message = N_("{bound} messages a day are sent; {known} are allowed")
    return _unbounded(_at_least(demand, one.messages_per_day, message, N_("messages a day")), one)


def _unbounded(judged: _Judged, one: Candidate) -> _Judged:
    """A radio of the catalogue without a limit has none worth naming."""
    if judged[0] is Verdict.UNKNOWN and one.rate_kbps is not None:
        return Verdict.MET, Text(N_("no limit that matters"))
    return judged


def _uplink(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    message = N_("a message has to be there within {bound} s; it takes up to {known} s")
    return _at_most(demand, one.uplink_s, message, N_("time of a message"))


def _downlink(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    if one.downlink_s == float("inf"):
        message = N_("a command has to be there within {bound} s; it waits for the next uplink")
        return Verdict.BROKEN, Text(message, {"bound": rounded(demand.value or 0)})
    message = N_("a command has to be there within {bound} s; it takes up to {known} s")
    return _at_most(demand, one.downlink_s, message, N_("time of a command"))


def _battery(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    known = one.years.high if one.years else None
    message = N_(
        "a battery has to last {bound} years; sizing gives at most {known} (nine devices in ten)"
    )
    if one.years and one.years.sure:
        message = N_("a battery has to last {bound} years; it lasts {known}")
    return _at_least(demand, known, message, N_("years of a battery"))


def _budget(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    message = N_("{bound} dB of walls and distance have to be crossed; {known} dB can be")
    return _at_least(demand, one.budget_db, message, N_("link budget"))


def _mobility(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    if one.mobility is None:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(N_("mobility"))})
    if one.mobility is Mobility.FULL:
        return Verdict.MET, Text(N_("works on the way"))
    return Verdict.BROKEN, Text(N_("the device travels; the radio is for fixed or slow ones"))


def _end_to_end(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    if one.end_to_end is None:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(N_("end-to-end encryption"))})
    if one.end_to_end:
        return Verdict.MET, Text(N_("encrypted from end to end"))
    return Verdict.BROKEN, Text(N_("encryption ends at the first hop"))


def update_days(image_kb: float, rate_kbps: float, share: float) -> float:
    """Days for sending an image: size ÷ (rate × the share of time that can be used)."""
    return image_kb * 8 / (rate_kbps * share) / 86_400


def _update(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    if one.rate_kbps is None:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(N_("time of an update"))})
    if one.ota_share is None:
        return Verdict.BROKEN, Text(N_("the radio carries no updates"))
    days = update_days(demand.image_kb or 200, one.rate_kbps, one.ota_share)
    message = N_("an update has to be there within {bound} days; it takes {known} at the worst")
    return _at_most(demand, days, message, N_("time of an update"))


def _licence(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    if one.licence is None:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(N_("licence"))})
    refused = {word.casefold() for word in demand.words}
    params: dict[str, object] = {"licence": one.licence}
    if one.licence.casefold() in refused:
        return Verdict.BROKEN, Text(N_("its licence {licence} is refused"), params)
    return Verdict.MET, Text(N_("licence {licence}"), params)


def _speaks(demand: Demand, one: Candidate, blueprint: Blueprint) -> _Judged:
    wanted = list(demand.words)
    for system in blueprint.about.existing_systems:
        if system.id == demand.system:
            wanted += system.protocols
    params: dict[str, object] = {"wanted": ", ".join(wanted)}
    if not one.protocols:
        return Verdict.UNKNOWN, Text(_UNKNOWN, {"what": Text(N_("protocols"))})
    spoken = {word.casefold() for word in one.protocols}
    if any(_matches(want, spoken) for want in wanted):
        return Verdict.MET, Text(N_("speaks {wanted}"), params)
    return Verdict.BROKEN, Text(N_("speaks none of: {wanted}"), params)


def _matches(wanted: str, spoken: set[str]) -> bool:
    """“MQTT 3.1.1” is spoken by what speaks “MQTT”, and the other way round."""
    folded = wanted.casefold()
    return any(folded.startswith(one) or one.startswith(folded) for one in spoken)


def _cost(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    known = float(one.cost_month) if one.cost_month is not None else None
    message = N_("at most {bound} euros a month and device; it costs {known}")
    return _at_most(demand, known, message, N_("cost a month"))


def _feature(demand: Demand, one: Candidate, _: Blueprint) -> _Judged:
    has = {word.casefold() for word in one.features}
    missing = [word for word in demand.words if word.casefold() not in has]
    if not missing:
        return Verdict.MET, Text(N_("has {words}"), {"words": ", ".join(demand.words)})
    return Verdict.BROKEN, Text(N_("lacks {words}"), {"words": ", ".join(missing)})


_RULES: dict[DemandKind, Callable[[Demand, Candidate, Blueprint], _Judged]] = {
    DemandKind.PAYLOAD: _payload,
    DemandKind.RATE: _rate,
    DemandKind.UPLINK: _uplink,
    DemandKind.DOWNLINK: _downlink,
    DemandKind.BATTERY: _battery,
    DemandKind.LINK_BUDGET: _budget,
    DemandKind.MOBILITY: _mobility,
    DemandKind.END_TO_END: _end_to_end,
    DemandKind.UPDATE: _update,
    DemandKind.LICENCE: _licence,
    DemandKind.SPEAKS: _speaks,
    DemandKind.COST: _cost,
    DemandKind.FEATURE: _feature,
}

WORDS = {
    DemandKind.PAYLOAD: N_("Bytes of a message"),
    DemandKind.RATE: N_("Messages a day"),
    DemandKind.UPLINK: N_("Time of a message (s)"),
    DemandKind.DOWNLINK: N_("Time of a command (s)"),
    DemandKind.BATTERY: N_("Years of a battery"),
    DemandKind.LINK_BUDGET: N_("Link budget (dB)"),
    DemandKind.MOBILITY: N_("Works on the way"),
    DemandKind.END_TO_END: N_("Encryption from end to end"),
    DemandKind.UPDATE: N_("Days for an update"),
    DemandKind.LICENCE: N_("Licences refused"),
    DemandKind.SPEAKS: N_("Protocols"),
    DemandKind.COST: N_("Euros a month and device"),
    DemandKind.FEATURE: N_("Features"),
}
