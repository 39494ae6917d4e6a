"""What was computed, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.catalogues.protocols import securities
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Heading, Note, Paragraph, Speak, Table
from jalon.design.sizing.checks import worst_of
from jalon.design.sizing.cost import CostReport
from jalon.design.sizing.energy import BatteryLife
from jalon.design.sizing.figures import (
    byte_size,
    money,
    rounded,
    span,
    time_span,
    told,
    written,
)
from jalon.design.sizing.latency import PathTime
from jalon.design.sizing.radio import RadioUse
from jalon.design.sizing.report import SizingReport
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
_SWINGS = 6
"""Rows of a tornado: what comes after changes little."""


def head(speak: Speak, *messages: str) -> list[str]:
    """The header of a table."""
    return [speak.render(Text(one)) for one in messages]


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


def radio(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """LoRaWAN, a component each."""
    if not report.radio:
        return
    yield Heading(speak.render(Text(N_("On the air"))), 2)
    for use in report.radio:
        yield from _radio_table(use, speak)


def _radio_table(use: RadioUse, speak: Speak) -> Iterator[Block]:
    text = Text(
        N_(
            "{name}: {count} devices send {payload} bytes {messages} times a day in the sub-band"
            " {band} MHz, where {duty} % of the time is allowed. Downlinks a day and device:"
            " {downlinks}."
        ),
        {
            "name": use.node.names,
            "count": use.devices,
            "payload": use.payload,
            "messages": written(use.messages, speak),
            "band": use.band.id,
            "duty": written(use.band.duty * 100, speak),
            "downlinks": written(use.downlinks, speak),
        },
    )
    yield Paragraph(speak.render(text))
    rows = [
        [
            f"SF{row.spreading} ({row.data_rate})",
            f"{written(row.share * 100, speak)} %" if row.share else "–",
            f"{written(row.airtime_ms, speak, 6)} ms",
            time_span(row.off_s, speak),
            written(row.hourly_limit, speak, 6),
            written(row.fair_limit, speak, 6),
            f"{written(row.duty * 100, speak)} %",
            f"{written((1 - row.delivered) * 100, speak, 2)} %",
            f"{written(row.payload_max, speak)}",
        ]
        for row in use.rows
    ]
    titles = head(
        speak,
        N_("Data rate"),
        N_("Devices"),
        N_("Time on air"),
        N_("Silence after it"),
        N_("Allowed an hour"),
        N_("Fair use a day"),
        N_("Duty of a device"),
        N_("Lost to collisions"),
        N_("Most bytes"),
    )
    caption = Text(N_("Airtime of “{name}” by data rate"), {"name": use.node.names})
    yield Table(speak.render(caption), titles, rows)


def batteries(report: SizingReport, speak: Speak) -> Iterator[Block]:
    """Years, what takes the charge, and which figure decides."""
    if not report.batteries:
        return
    yield Heading(speak.render(Text(N_("Batteries"))), 2)
    rows = []
    for life in report.batteries:
        name = f"{life.count} × {told(life.cell.names, speak)}"
        rows.append(
            [
                speak.word(life.node.names),
                name,
                written(life.messages, speak),
                f"{written(life.message_mah * 1000, speak)} µAh",
                f"{written(life.day_mah, speak)} mAh",
                written(life.years.low, speak, 2),
                written(life.years.typical, speak, 2),
                written(life.years.high, speak, 2),
            ]
        )
    titles = head(
        speak,
        N_("Component"),
        N_("Cells"),
        N_("Messages a day"),
        N_("Charge of a message"),
        N_("Charge of a day"),
        N_("Years, P10"),
        N_("Years, P50"),
        N_("Years, P90"),
    )
    yield Table(speak.render(Text(N_("Life of batteries"))), titles, rows)
    for life in report.batteries:
        yield from _battery_detail(life, speak)


def _battery_detail(life: BatteryLife, speak: Speak) -> Iterator[Block]:
    if life.capped:
        text = Text(
            N_(
                "“{name}”: the charge would last {years} years, longer than the cell keeps."
                " The figures end at its shelf life, {least} to {most} years."
            ),
            {
                "name": life.node.names,
                "years": written(life.uncapped, speak, 2),
                "least": written(life.shelf[0], speak),
                "most": written(life.shelf[1], speak),
            },
        )
        yield Note(speak.render(Text(N_("Shelf life"))), speak.render(text))
    if told(life.cell.notes, speak):
        yield Note(told(life.cell.names, speak), told(life.cell.notes, speak))
    if life.profile.to_check:
        text = Text(
            N_("The currents of “{profile}” are orders of magnitude: measure the module."),
            {"profile": life.profile.names},
        )
        yield Note(speak.render(Text(N_("To check"))), speak.render(text))
    whole = sum(one.mah for one in life.shares) or 1
    rows = [
        [told(one.label, speak), f"{written(one.mah, speak)} mAh", _percent(one.mah / whole, speak)]
        for one in sorted(life.shares, key=lambda one: -one.mah)
    ]
    caption = Text(N_("Where the charge of “{name}” goes on a typical day"), _named(life))
    titles = head(speak, N_("What takes it"), N_("Charge"), N_("Share"))
    yield Table(speak.render(caption), titles, rows)
    rows = [
        [
            told(one.label, speak),
            f"{written(one.range.low, speak)} – {written(one.range.high, speak)}",
            written(one.at_low, speak, 2),
            written(one.at_high, speak, 2),
            written(one.size, speak, 2),
        ]
        for one in life.swings[:_SWINGS]
    ]
    caption = Text(
        N_("What decides how long the charge of “{name}” lasts, most important first"), _named(life)
    )
    titles = head(
        speak,
        N_("Figure"),
        N_("From, to"),
        N_("Years at the lowest"),
        N_("Years at the highest"),
        N_("Difference"),
    )
    yield Table(speak.render(caption), titles, rows)


def _named(life: BatteryLife) -> dict[str, object]:
    return {"name": life.node.names}


def _percent(share: float, speak: Speak) -> str:
    return f"{written(share * 100, speak, 2)} %"


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
        _percent(one.day.messages / total, speak),
        _percent(one.day.keepalive / total, speak),
        _percent(one.day.connections / total, speak),
        byte_size(one.month, speak),
        _percent(one.useful, speak),
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
    """Broker and store."""
    if report.brokers:
        yield Heading(speak.render(Text(N_("Broker"))), 2)
        rows = [
            [
                speak.word(one.node.names),
                written(one.mean, speak),
                written(one.peak, speak),
                written(one.connections, speak, 6),
                span(one.capacity, speak, 3),
                _percent(one.share, speak),
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
