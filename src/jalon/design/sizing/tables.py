"""What was computed, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.catalogues.protocols import securities
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Heading, Paragraph, Speak, Table
from jalon.design.sizing.checks import worst_of
from jalon.design.sizing.cost import CostReport
from jalon.design.sizing.figures import (
    byte_size,
    money,
    percent,
    rounded,
    span,
    time_span,
    told,
    written,
)
from jalon.design.sizing.latency import PathTime
from jalon.design.sizing.report import SizingReport
from jalon.design.sizing.titles import head
from jalon.design.sizing.volume import FlowVolume
from jalon.design.spec.sizing import ApplicationProtocol
from jalon.design.values import Outcome
from jalon.vocab.text import N_, Text

OUTCOMES = {
    Outcome.KEPT: N_("kept"),
    Outcome.BROKEN: N_("broken"),
    Outcome.UNCERTAIN: N_("uncertain"),
    Outcome.INCOMPARABLE: N_("cannot be compared"),
}


def measures(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """Requirements' measures with their estimates."""
    rows = []
    for demand in blueprint.about.requirements:
        worst = worst_of(demand, blueprint)
        if worst is None or demand.measure is None:
            continue
        amount, unit = worst.amount, demand.measure.unit
        low, high = worst.low, worst.high
        shown = "–" if amount is None else written(amount, speak)
        around = ""
        if low is not None and high is not None and low != high:
            around = f" ({written(low, speak)}–{written(high, speak)})"
        rows.append(
            [
                demand.id,
                str(demand.measure),
                f"{shown}{around} {unit}".strip(),
                speak.render(Text(OUTCOMES[worst.outcome])),
                speak.render(worst.value.how),
            ]
        )
    if rows:
        titles = head(
            speak,
            N_("Requirement"),
            N_("Target"),
            N_("Estimate"),
            N_("Outcome"),
            N_("How it was computed"),
        )
        caption = speak.render(Text(N_("Estimates held against the measures of requirements")))
        yield Table(caption, titles, rows)


def volumes(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """Bytes of flows and encodings of things."""
    if report.volumes:
        yield Heading(speak.render(Text(N_("Bytes"))), 2)
        titles = head(
            speak,
            N_("Flow"),
            N_("Protocols"),
            N_("Payload"),
            N_("Messages a day"),
            N_("Of it messages"),
            N_("Signs of life"),
            N_("Connections"),
            N_("A month"),
            N_("Payload of all"),
        )
        rows = [_volume_row(one, speak) for one in report.volumes]
        told_of = speak.render(Text(N_("Bytes of one sender, both ways, with headers")))
        yield Table(told_of, titles, rows)
    if report.encodings:
        names = [one.encoding for one in next(iter(report.encodings.values()))]
        rows = [
            [thing, *(written(one.size, speak) for one in sizes)]
            for thing, sizes in report.encodings.items()
        ]
        caption = Text(N_("A reading of all properties, in bytes, by encoding"))
        title = speak.render(Text(N_("Device type")))
        yield Table(speak.render(caption), [title, *names], rows)


def _volume_row(one: FlowVolume, speak: Speak) -> list[str]:
    total = one.day.total or 1
    return [
        one.traffic.edge.id,
        _stack_words(one),
        written(one.payload, speak, 6),
        written(one.traffic.per_sender or 0, speak),
        percent(one.day.messages / total, speak),
        percent(one.day.keepalive / total, speak),
        percent(one.day.connections / total, speak),
        byte_size(one.month, speak),
        percent(one.useful, speak),
    ]


def _stack_words(one: FlowVolume) -> str:
    stack = one.stack
    if stack.application is ApplicationProtocol.LORAWAN:
        return "LoRaWAN"
    name = stack.application.value.upper()
    if stack.application in (ApplicationProtocol.MQTT, ApplicationProtocol.MQTT5):
        name += f" QoS {stack.qos}"
    layers = [name]
    if stack.security != "none":
        layers.append(securities()[stack.security].id.upper().replace("-", " ", 1))
    return " / ".join([*layers, stack.transport.upper(), stack.network.upper()])


def paths(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """How long messages take."""
    if not report.paths:
        return
    yield Heading(speak.render(Text(N_("Time on the way"))), 2)
    for path in report.paths:
        yield _path_table(path, speak)
        text = Text(
            N_(
                "Half of the messages take at most {p50}, 95 % at most {p95}, none longer than"
                " {most}."
            ),
            {
                "p50": time_span(path.p50, speak),
                "p95": time_span(path.p95, speak),
                "most": time_span(path.total.high, speak),
            },
        )
        yield Paragraph(speak.render(text))


def _path_table(path: PathTime, speak: Speak) -> Table:
    rows = [
        [
            told(one.label, speak),
            time_span(one.seconds.low, speak),
            time_span(one.seconds.typical, speak),
            time_span(one.seconds.high, speak),
            speak.render(Text(N_("written") if one.written else N_("usual for the protocol"))),
        ]
        for one in path.hops
    ]
    titles = head(
        speak, N_("Hop or step"), N_("At least"), N_("Usually"), N_("At most"), N_("Figure")
    )
    return Table(told(path.names, speak), titles, rows)


def load(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """Brokers."""
    if report.brokers:
        yield Heading(speak.render(Text(N_("Broker"))), 2)
        rows = [
            [
                speak.word(one.node.names),
                written(one.mean, speak),
                written(one.peak, speak),
                written(one.connections, speak, 6),
                span(one.capacity, speak, 3),
                percent(one.share, speak),
            ]
            for one in report.brokers
        ]
        titles = head(
            speak,
            N_("Component"),
            N_("Messages a second"),
            N_("At the peak"),
            N_("Connections"),
            N_("Measured to bear"),
            N_("Peak of that"),
        )
        yield Table(speak.render(Text(N_("What brokers have to carry"))), titles, rows)


def storage(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """Room on disk."""
    if report.storage:
        yield Heading(speak.render(Text(N_("Store"))), 2)
        rows = [
            [
                speak.word(one.thing.names),
                written(one.devices, speak, 6),
                written(one.values_a_year, speak, 3),
                byte_size(one.size.typical, speak),
                f"{byte_size(one.size.low, speak)} – {byte_size(one.size.high, speak)}",
            ]
            for one in report.storage
        ]
        titles = head(
            speak,
            N_("Device type"),
            N_("Devices"),
            N_("Values a year"),
            N_("A year on disk"),
            N_("From, to"),
        )
        yield Table(speak.render(Text(N_("Room for a year of values"))), titles, rows)


def costs(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """Money and energy."""
    if report.cost:
        yield Heading(speak.render(Text(N_("Costs"))), 2)
        yield _cost_table(report.cost, speak)
        text = Text(
            N_("{month} a month for each of {devices} devices, over {years} years."),
            {
                "month": money(report.cost.month, speak),
                "devices": report.cost.devices,
                "years": report.cost.years,
            },
        )
        yield Paragraph(speak.render(text))
    if report.power:
        yield Heading(speak.render(Text(N_("Energy"))), 2)
        rows = [
            [
                told(one.label, speak),
                f"{span(one.kwh, speak)} kWh",
                speak.render(Text(N_("assumed"))) if one.assumed else "",
            ]
            for one in report.power
        ]
        titles = head(speak, N_("What takes it"), N_("A year"), N_("Remark"))
        yield Table(speak.render(Text(N_("Electricity of the solution in a year"))), titles, rows)


def _cost_table(cost: CostReport, speak: Speak) -> Table:
    rows = [
        [
            told(line.label, speak),
            written(line.devices, speak, 6) if line.devices else speak.render(Text(N_("shared"))),
            money(line.once, speak),
            money(line.running, speak),
            _changes(line.changes.low, line.changes.high),
            money(line.total, speak),
        ]
        for line in cost.lines
    ]
    total = speak.render(Text(N_("Total")))
    whole = [total, str(cost.devices), money(cost.once, speak), money(cost.running, speak)]
    rows.append([*whole, "", money(cost.total, speak)])
    titles = head(
        speak,
        N_("What for"),
        N_("Devices"),
        N_("Once"),
        N_("Running"),
        N_("Battery changes"),
        N_("In all"),
    )
    caption = Text(N_("Costs over {years} years"), {"years": cost.years})
    return Table(speak.render(caption), titles, rows)


def _changes(low: float, high: float) -> str:
    if not high:
        return "–"
    return rounded(low) if low == high else f"{rounded(low)}–{rounded(high)}"
