"""What sizing estimates of the subjects of measures, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.sizing.cost import device_count
from jalon.design.sizing.energy import BatteryLife
from jalon.design.sizing.figures import Money, Range, exact, rounded
from jalon.design.sizing.radio import RadioUse
from jalon.design.sizing.report import SizingReport, sizing_report
from jalon.design.sizing.traffic import DAY_S, Known, Traffic
from jalon.design.sizing.volume import FlowVolume
from jalon.design.values import Origin, Value
from jalon.vocab.measure import Statistic
from jalon.vocab.text import N_, Text


@lru_cache(maxsize=4)
def estimates(blueprint: Blueprint) -> tuple[Value, ...]:
    """Values of the subjects of catalogues/measure_subjects.yaml, in the units given there."""
    report = sizing_report(blueprint)
    found = [
        *(value for one in report.batteries for value in _battery(one)),
        *(value for one in report.radio for value in _radio(one)),
        *_volumes(report),
        *_intervals(report),
        *_paths(report),
        *_load(report),
        *_storage(report),
        *_cost(report),
    ]
    count = device_count(blueprint)
    if count:
        how = Text(N_("Devices of the architecture and the fleet."))
        found.append(_value("device.count", Range.of(count), "1", how))
    return tuple(found)


@lru_cache(maxsize=4)
def by_subject(blueprint: Blueprint) -> dict[str, list[Value]]:
    """The same by subject, for those who look up many."""
    found: dict[str, list[Value]] = {}
    for one in estimates(blueprint):
        found.setdefault(one.subject, []).append(one)
    return found


def _value(
    subject: str,
    figure: Range,
    unit: str,
    how: Text,
    of: str = "",
    statistic: Statistic | None = None,
) -> Value:
    low, high = (None, None) if figure.sure else (exact(figure.low), exact(figure.high))
    return Value(
        subject, statistic, exact(figure.typical), unit, Origin.ESTIMATE, how, low, high, of
    )


def _battery(one: BatteryLife) -> Iterator[Value]:
    params = {"cell": one.cell.names, "messages": rounded(one.messages)}
    how = Text(
        N_("{messages} messages a day on {cell}; between one device in ten and nine in ten."),
        params,
    )
    if one.capped:
        shelf = {**params, "least": rounded(one.shelf[0]), "most": rounded(one.shelf[1])}
        message = N_(
            "{messages} messages a day on {cell}; limited to its shelf life,"
            " {least} to {most} years."
        )
        how = Text(message, shelf)
    yield _value("battery.life", one.years, "a", how, one.node.id)
    how = Text(N_("From the phases of the profile “{profile}”."), {"profile": one.profile.names})
    yield _value("energy.per_message", Range.of(one.joules_a_message), "J", how, one.node.id)
    yield _value("energy.per_day", Range.of(one.joules_a_day), "J", how, one.node.id)


def _radio(one: RadioUse) -> Iterator[Value]:
    used = one.used
    how = Text(
        N_("{payload} bytes, {messages} times a day; lowest and highest data rate in use."),
        {"payload": one.payload, "messages": rounded(one.messages)},
    )
    duty = Range(
        min(row.duty for row in used) * 100, one.duty * 100, max(row.duty for row in used) * 100
    )
    yield _value("radio.duty_cycle", duty, "%", how, one.node.id)
    airtime = Range(
        min(row.airtime_ms for row in used) / 1000,
        sum(row.airtime_ms * row.share for row in used) / 1000,
        max(row.airtime_ms for row in used) / 1000,
    )
    yield _value("radio.airtime", airtime, "s", how, one.node.id)
    yield _value("radio.airtime_per_day", airtime.times(one.messages), "s", how, one.node.id)
    how = Text(N_("Collisions alone, without coverage: pure ALOHA, the worse case."))
    loss = Range(0, one.loss * 100, max(1 - row.delivered for row in used) * 100)
    yield _value("radio.packet_loss", loss, "%", how, one.node.id)


def _volumes(report: SizingReport) -> Iterator[Value]:
    """A component's flows together, for one of it; the largest of its messages."""
    flows: dict[str, list[FlowVolume]] = {}
    for one in report.volumes:
        flows.setdefault(one.traffic.edge.source.id, []).append(one)
    for of, several in flows.items():
        names = ", ".join(one.traffic.edge.id for one in several)
        how = Text(
            N_("{flows}: payload, headers, signs of life and new connections of one sender."),
            {"flows": names},
        )
        every = max(one.traffic.count for one in several)
        month = sum(one.month * one.traffic.senders for one in several) / every
        yield _value("network.bytes_per_month", Range.of(month), "By", how, of)
        how = Text(N_("{flows}, as written or computed on properties."), {"flows": names})
        size = max(one.payload for one in several)
        yield _value("message.size", Range.of(size), "By", how, of)


def _intervals(report: SizingReport) -> Iterator[Value]:
    """Of components with devices: the most frequent of their own flows."""
    best: dict[str, Traffic] = {}
    for one in report.traffic:
        component = one.edge.source.component
        if component is None or not component.things or one.edge.down:
            continue
        if one.known is Known.RELAYED or not one.per_sender:
            continue
        known = best.get(component.id)
        if known is None or one.per_sender > (known.per_sender or 0):
            best[component.id] = one
    for of, one in best.items():
        how = Text(N_("The rate of flow {flow}; losses left out."), {"flow": one.edge.id})
        yield _value(
            "device.report_interval", Range.of(DAY_S / (one.per_sender or 1)), "s", how, of
        )


def _paths(report: SizingReport) -> Iterator[Value]:
    for path in report.paths:
        how = Text(
            N_("{hops} hops and steps added up; between what is usual and the worst of each."),
            {"hops": len(path.hops)},
        )
        late = Range(min(path.total.typical, path.p95), path.p95, path.total.high)
        yield _value(path.subject, late, "s", how, statistic=Statistic.P95)
        usual = Range(path.total.low, path.p50, path.p95)
        yield _value(path.subject, usual, "s", how, statistic=Statistic.MEDIAN)
        yield _value(path.subject, Range.of(path.total.high), "s", how, statistic=Statistic.MAX)


def _load(report: SizingReport) -> Iterator[Value]:
    for one in report.brokers:
        how = Text(
            N_("Mean of what comes in; at most the peak, {peak} times as much."),
            {"peak": rounded(one.peak / one.mean if one.mean else 1)},
        )
        load = Range(one.mean, one.mean, one.peak)
        yield _value("broker.messages_per_second", load, "count/s", how, one.node.id)
        how = Text(N_("Everything that speaks to it or hears it."))
        yield _value("broker.connections", Range.of(one.connections), "1", how, one.node.id)


def _storage(report: SizingReport) -> Iterator[Value]:
    if not report.storage:
        return
    size = Range(0, 0, 0)
    values = 0.0
    for one in report.storage:
        size, values = size.plus(one.size), values + one.values_a_year
    how = Text(
        N_("{values} values a year, at the bytes a value measured in docs/performance.md."),
        {"values": f"{values:.0f}"},
    )
    yield _value("storage.per_year", size, "By", how)
    rate = Range.of(values / 365.25 / DAY_S)
    how = Text(N_("All devices, every property in every message."))
    yield _value("intake.readings_per_second", rate, "count/s", how)


def _cost(report: SizingReport) -> Iterator[Value]:
    cost = report.cost
    if cost is None:
        return
    how = Text(
        N_("Everything over {years} years, shared by {devices} devices."),
        {"years": cost.years, "devices": cost.devices},
    )
    yield _euros("cost.per_device", cost.month, "EUR/mo", how)
    yield _euros("cost.total", cost.total, "EUR", how)
    yield _euros("cost.purchase", cost.once, "EUR", how)
    running = Money(*(end / cost.years for end in _ends(cost.running)))
    yield _euros("cost.per_year", running, "EUR/a", how)


def _ends(amount: Money) -> tuple[Decimal, Decimal, Decimal]:
    return amount.low, amount.typical, amount.high


def _euros(subject: str, amount: Money, unit: str, how: Text) -> Value:
    low, typical, high = (one.quantize(Decimal("0.01")) for one in _ends(amount))
    ends = (None, None) if low == high else (low, high)
    return Value(subject, None, typical, unit, Origin.ESTIMATE, how, *ends)
