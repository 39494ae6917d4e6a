"""What was computed of devices, their radio and their batteries, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.catalogues.radio_energy import energy_profiles
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Figure, Heading, Note, Paragraph, Speak, Table
from jalon.design.sizing.drawings import Bar, bars
from jalon.design.sizing.energy import BatteryLife, life_with
from jalon.design.sizing.figures import percent, span, time_span, told, written
from jalon.design.sizing.radio import RadioUse
from jalon.design.sizing.report import SizingReport
from jalon.design.sizing.titles import head
from jalon.vocab.text import N_, Text

_SWINGS = 6
"""Rows of a tornado: what comes after changes little."""


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
    yield _airtimes(use, speak)


def _airtimes(use: RadioUse, speak: Speak) -> Table:
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
    return Table(speak.render(caption), titles, rows)


def batteries(blueprint: Blueprint, report: SizingReport, speak: Speak) -> Iterator[Block]:
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
        yield _other_radios(blueprint, life, speak)


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
    yield _charges(life, speak)
    if life.swings:
        yield _tornado(life, speak)
    yield _swings(life, speak)


def _other_radios(blueprint: Blueprint, life: BatteryLife, speak: Speak) -> Table:
    """The same device and messages on every radio of the catalogue."""
    rows = []
    for profile in energy_profiles().values():
        other = life_with(blueprint, life.node.id, profile.id)
        if other is None:
            continue
        check = speak.render(Text(N_("to check"))) if profile.to_check else ""
        rows.append(
            [
                told(profile.names, speak),
                f"{written(other.message_mah * 1000, speak)} µAh",
                f"{written(other.joules_a_message, speak)} J",
                span(other.years, speak, 2),
                check,
            ]
        )
    titles = head(
        speak,
        N_("Radio"),
        N_("Charge of a message"),
        N_("Energy of a message"),
        N_("Years, P50 (P10–P90)"),
        N_("Remark"),
    )
    caption = Text(N_("“{name}” with the same messages on other radios"), _named(life))
    return Table(speak.render(caption), titles, rows)


def _charges(life: BatteryLife, speak: Speak) -> Table:
    whole = sum(one.mah for one in life.shares) or 1
    rows = [
        [told(one.label, speak), f"{written(one.mah, speak)} mAh", percent(one.mah / whole, speak)]
        for one in sorted(life.shares, key=lambda one: -one.mah)
    ]
    caption = Text(N_("Where the charge of “{name}” goes on a typical day"), _named(life))
    titles = head(speak, N_("What takes it"), N_("Charge"), N_("Share"))
    return Table(speak.render(caption), titles, rows)


def _tornado(life: BatteryLife, speak: Speak) -> Figure:
    """The years between a figure's lowest and highest, as bars; the mark is the typical day."""
    typical = life.typical_years
    rows = []
    told_rows = []
    for one in life.swings[:_SWINGS]:
        low, high = sorted((one.at_low, one.at_high))
        name = told(one.label, speak)
        rows.append(Bar(name, low, min(max(typical, low), high), high))
        told_rows.append(f"{name}: {written(low, speak, 2)}–{written(high, speak, 2)}")
    caption = Text(N_("Years of “{name}” by what decides most, its charge alone"), _named(life))
    return Figure(bars(rows, "", speak), speak.render(caption), "\n".join(told_rows))


def _swings(life: BatteryLife, speak: Speak) -> Table:
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
    return Table(speak.render(caption), titles, rows)


def _named(life: BatteryLife) -> dict[str, object]:
    return {"name": life.node.names}
