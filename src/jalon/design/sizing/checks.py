"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.catalogues.lorawan_eu868 import eu868
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.energy import BatteryLife
from jalon.design.sizing.estimates import by_subject
from jalon.design.sizing.figures import rounded
from jalon.design.sizing.radio import RadioUse
from jalon.design.sizing.references import PART, check_references
from jalon.design.sizing.report import SizingReport, sizing_report
from jalon.design.sizing.volume import BrokerLoad, FlowVolume
from jalon.design.spec.solution import Requirement
from jalon.design.values import Outcome, Standing, standings
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.measure import Measure
from jalon.vocab.text import N_, Text

_SHORTEST_LIFE_Y = 1 / 12
"""A battery that lasts no month is no battery."""
_FULL_CHANNEL = 0.1
"""G of ALOHA from which more than about a fifth of the frames are lost."""
_BUSY_BROKER = 0.7
_NEEDS_SIZING = ("battery.life", "cost.", "energy.", "radio.")


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    wrong = list(check_references(blueprint))
    yield from wrong
    if wrong:
        return
    report = sizing_report(blueprint)
    for use in report.radio:
        yield from _radio(use)
    for life in report.batteries:
        yield from _battery(blueprint, life)
    for volume in report.volumes:
        yield from _plan(volume)
    for load in report.brokers:
        yield from _broker(load)
    yield from _unsized(blueprint, report)
    yield from check_measures(blueprint)


def _radio(use: RadioUse) -> Iterator[Remark]:
    flow: Path = ("flows", use.traffic.edge.index)
    for row in use.used:
        known = {"data_rate": row.data_rate, "spreading": row.spreading}
        if use.payload > row.payload_max:
            message = N_(
                "{size} bytes do not fit into a frame of {data_rate} (SF{spreading}), which takes"
                " {most}."
            )
            text = Text(message, {**known, "size": use.payload, "most": row.payload_max})
            hint = Text(N_("Send less, split the message, or place gateways nearer."))
            at = Mark("architecture", (*flow, "size"))
            yield Remark("sizing.payload", Severity.WARNING, at, text, hint)
        if row.duty > use.band.duty:
            message = N_(
                "With SF{spreading} a device would transmit {share} % of the time; the sub-band"
                " allows {most} %."
            )
            shares = {"share": rounded(row.duty * 100), "most": rounded(use.band.duty * 100)}
            hint = Text(
                N_("At this data rate {count} messages an hour are allowed."),
                {"count": row.hourly_limit},
            )
            at = Mark("architecture", (*flow, "rate"))
            text = Text(message, {**known, **shares})
            yield Remark("sizing.duty-cycle", Severity.WARNING, at, text, hint)
        if row.load > _FULL_CHANNEL:
            message = N_("About {share} % of the frames sent with SF{spreading} meet another one.")
            text = Text(message, {**known, "share": rounded((1 - row.delivered) * 100, 2)})
            hint = Text(
                N_("Fewer or shorter messages, more gateways, or a lower spreading factor.")
            )
            yield Remark("sizing.collisions", Severity.WARNING, _settings(use), text, hint)
    yield from _network_rules(use)


def _network_rules(use: RadioUse) -> Iterator[Remark]:
    limit = eu868().fair_use
    if use.settings.public:
        for row in use.used:
            if use.messages > row.fair_limit:
                message = N_(
                    "With SF{spreading} {count} messages a day are within the fair use of a public"
                    " network; this sends {messages}."
                )
                params = {"spreading": row.spreading, "count": row.fair_limit}
                text = Text(message, {**params, "messages": rounded(use.messages)})
                yield Remark("sizing.fair-use", Severity.WARNING, _settings(use), text)
                break
    if use.too_many_downlinks:
        message = N_("{count} downlinks a day for each device: {most} are plenty.")
        text = Text(message, {"count": rounded(use.downlinks), "most": limit.downlinks})
        hint = Text(N_("A gateway that answers hears nobody; confirm only what must be."))
        yield Remark("sizing.downlinks", Severity.WARNING, _settings(use), text, hint)


def _settings(use: RadioUse) -> Mark:
    if use.index is None:
        return Mark("architecture", ("flows", use.traffic.edge.index))
    return Mark(PART, ("devices", use.index, "lorawan"))


def _battery(blueprint: Blueprint, life: BatteryLife) -> Iterator[Remark]:
    at = Mark(PART, ("devices", life.index, "battery"))
    if life.uncapped < _SHORTEST_LIFE_Y:
        message = N_("The battery would last {days} days.")
        text = Text(message, {"days": rounded(life.uncapped * 365.25)})
        hint = Text(N_("“jalon design sizing” shows what takes most of its charge."))
        yield Remark("sizing.battery-life", Severity.WARNING, at, text, hint)
    most = max((phase.current_ma[1] for phase in life.profile.phases), default=0)
    bears = life.cell.pulse_ma
    if bears is not None and most > bears * life.count:
        message = N_("{cell} bears pulses of {bears} mA; the radio draws {most} mA.")
        params = {"cell": life.cell.names, "bears": rounded(bears * life.count)}
        text = Text(message, {**params, "most": rounded(most)})
        hint = Text(N_("Take another cell, several, or a capacitor beside it."))
        mark = Mark(PART, (*at.path, "cell"))
        yield Remark("sizing.pulse", Severity.WARNING, mark, text, hint)


def _plan(volume: FlowVolume) -> Iterator[Remark]:
    plan = volume.own.plan_mb_month if volume.own else None
    if plan is not None and volume.index is not None and volume.month > plan * 1e6:
        message = N_("One sender takes {size} MB a month; its subscription has {plan}.")
        text = Text(message, {"size": rounded(volume.month / 1e6), "plan": rounded(plan)})
        at = Mark(PART, ("flows", volume.index, "plan_mb_month"))
        yield Remark("sizing.data-plan", Severity.WARNING, at, text)


def _broker(load: BrokerLoad) -> Iterator[Remark]:
    if load.share > _BUSY_BROKER:
        message = N_("At its peak {count} messages a second; {most} were measured on two cores.")
        params = {"count": rounded(load.peak), "most": rounded(load.capacity.low)}
        at = Mark("architecture", ("components", load.node.index))
        yield Remark("sizing.broker", Severity.WARNING, at, Text(message, params))


def _unsized(blueprint: Blueprint, report: SizingReport) -> Iterator[Remark]:
    """One word where requirements ask for figures and nothing is written to compute them from."""
    if blueprint.sizing.devices or blueprint.sizing.shared:
        return
    for index, demand in enumerate(blueprint.about.requirements):
        subject = demand.measure.subject if demand.measure else ""
        if subject.startswith(_NEEDS_SIZING):
            text = Text(
                N_("Nothing estimates “{subject}” yet: sizing.yaml is missing."),
                {"subject": subject},
            )
            hint = Text(N_("docs/design/sizing.md shows what to write."))
            at = Mark("solution", ("requirements", index, "measure"))
            yield Remark("sizing.missing", Severity.INFO, at, text, hint)
            return


def check_measures(blueprint: Blueprint) -> Iterator[Remark]:
    """Requirements and objectives whose measure an estimate breaks, may break, or cannot tell."""
    places: list[tuple[Path, Measure | None, list[str]]] = [
        (("requirements", index), one.measure, one.components)
        for index, one in enumerate(blueprint.about.requirements)
    ]
    places += [
        (("objectives", index), one.measure, [])
        for index, one in enumerate(blueprint.about.objectives)
    ]
    for path, measure, components in places:
        if measure is not None:
            values = by_subject(blueprint).get(measure.subject, [])
            found = standings(measure, values, components)
            if found and (remark := _measured(path, measure, found)):
                yield remark


def worst_of(demand: Requirement, blueprint: Blueprint) -> Standing | None:
    """How the estimates stand to a requirement's measure: the worst of them."""
    if demand.measure is None:
        return None
    values = by_subject(blueprint).get(demand.measure.subject, [])
    found = standings(demand.measure, values, demand.components)
    return _worst(found) if found else None


def _worst(found: list[Standing]) -> Standing:
    order = [Outcome.INCOMPARABLE, Outcome.BROKEN, Outcome.UNCERTAIN, Outcome.KEPT]
    return min(found, key=lambda one: order.index(one.outcome))


def _measured(path: Path, measure: Measure, found: list[Standing]) -> Remark | None:
    worst = _worst(found)
    if worst.outcome is Outcome.KEPT:
        return None
    at = Mark("solution", (*path, "measure"))
    if worst.outcome is Outcome.INCOMPARABLE:
        message = N_("“{unit}” cannot be compared with the estimate of “{subject}” in “{other}”.")
        units = {"unit": measure.unit, "subject": measure.subject, "other": worst.value.unit}
        return Remark("sizing.unit", Severity.WARNING, at, Text(message, units))
    params: dict[str, object] = {"subject": measure.subject, "unit": measure.unit}
    for name, one in (("amount", worst.amount), ("low", worst.low), ("high", worst.high)):
        params[name] = rounded(float(one)) if one is not None else "?"
    params["of"] = f" ({worst.value.of})" if worst.value.of else ""
    if worst.outcome is Outcome.UNCERTAIN:
        message = N_("“{subject}”{of} is estimated between {low} and {high} {unit}: it may fail.")
        return Remark("sizing.uncertain", Severity.INFO, at, Text(message, params), worst.value.how)
    message = N_("“{subject}”{of} is estimated at {amount} {unit}, which breaks the measure.")
    return Remark("sizing.broken", Severity.WARNING, at, Text(message, params), worst.value.how)
