"""What was taken for granted, said beside the results: a default is a decision too."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.catalogues.batteries import Batteries
from jalon.catalogues.catalogue import Catalogue, catalogue
from jalon.catalogues.lorawan_eu868 import eu868
from jalon.catalogues.protocols import protocols
from jalon.catalogues.radio_energy import RadioEnergy
from jalon.catalogues.stores import measured
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.figures import rounded
from jalon.design.sizing.report import SizingReport
from jalon.design.sizing.traffic import Known
from jalon.vocab.text import N_, Text


def assumptions(blueprint: Blueprint, report: SizingReport) -> Iterator[Text]:
    """Sentences, the same order every time."""
    yield from _traffic(report)
    for life in report.batteries:
        device = blueprint.sizing.devices[life.index]
        if device.battery and "usable" not in device.battery.model_fields_set:
            usable = device.battery.usable
            yield Text(
                N_("{name}: {low} to {high} % of the capacity can be used."),
                {
                    "name": life.node.names,
                    "low": rounded(usable.low * 100),
                    "high": rounded(usable.high * 100),
                },
            )
        if "retries" not in device.model_fields_set:
            yield Text(
                N_("{name}: {low} to {high} % of the messages are sent again."),
                {
                    "name": life.node.names,
                    "low": rounded(device.retries.low * 100),
                    "high": rounded(device.retries.high * 100),
                },
            )
    for use in report.radio:
        written = use.index is not None and blueprint.sizing.devices[use.index].lorawan is not None
        if not written:
            yield Text(
                N_("{name}: data rates are spread from SF7 (30 %) to SF12 (5 %)."),
                {"name": use.node.names},
            )
    if report.radio:
        yield Text(
            N_("Collisions follow pure ALOHA: real gateways do better. Coverage is left out.")
        )
    yield from _prices(blueprint, report)


def _traffic(report: SizingReport) -> Iterator[Text]:
    for one in report.traffic:
        if one.known is Known.RELAYED:
            yield Text(
                N_("Flow {flow} passes on everything that reaches “{name}”."),
                {"flow": one.edge.id, "name": one.edge.source.names},
            )
        elif one.known is Known.UNKNOWN and not one.edge.local:
            yield Text(
                N_("Flow {flow} is left out: nothing says how often it speaks."),
                {"flow": one.edge.id},
            )
        if one.guessed_payload and one.payload is not None:
            yield Text(
                N_("Flow {flow}: {size} bytes, computed on the properties of its devices."),
                {"flow": one.edge.id, "size": one.payload},
            )
    for volume in report.volumes:
        if volume.own is None and volume.keepalive_s:
            yield Text(
                N_("Flow {flow}: a sign of life every {seconds} s, one new connection a day."),
                {"flow": volume.traffic.edge.id, "seconds": rounded(volume.keepalive_s)},
            )


def _prices(blueprint: Blueprint, report: SizingReport) -> Iterator[Text]:
    if report.brokers:
        yield Text(
            N_("The peak of a broker is {factor} times its mean."),
            {"factor": rounded(blueprint.sizing.peak)},
        )
    if report.cost and "electricity_kwh" not in blueprint.sizing.prices.model_fields_set:
        price = blueprint.sizing.prices.electricity_kwh
        yield Text(N_("A kWh costs {low} to {high} euros."), {"low": price.low, "high": price.high})
    if any(one.assumed for one in report.power):
        yield Text(N_("A gateway takes 3 to 8 W."))


_SOURCES = (N_("LoRaWAN"), N_("Currents of radios"), N_("Cells"), N_("Protocols"))


def sources() -> Iterator[tuple[Text, str]]:
    """Where figures come from: what, and source with edition and the day it was looked up."""
    known: list[Catalogue] = [
        eu868(),
        catalogue("radio_energy", RadioEnergy),
        catalogue("batteries", Batteries),
        protocols(),
    ]
    for name, one in zip(_SOURCES, known, strict=True):
        yield Text(name), f"{one.source} ({one.edition}; {one.as_of.isoformat()})"
    yield Text(N_("Broker and store")), f"{measured().source} ({measured().edition})"


DOUBTS = (
    Text(N_("Duty cycles of sub-bands: compare with EN 300 220-2 in force.")),
    Text(N_("Currents and times of radios are orders of magnitude: measure the module.")),
    Text(N_("Cells are typical of a chemistry and a size: read the data sheet of the one bought.")),
    Text(N_("Handshakes with certificates weigh 2 to 6 kB; 4 kB are counted.")),
    Text(N_("Times of hops other than radios are assumptions: measure them on the prototype.")),
    Text(N_("Prices are indicative.")),
)
"""What the catalogues say has not been compared with its source yet."""
