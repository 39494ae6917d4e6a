"""Whether what sizing.yaml names is there: components, flows, cells, profiles, protocols."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.catalogues.batteries import batteries
from jalon.catalogues.lorawan_eu868 import eu868
from jalon.catalogues.protocols import protocols, securities
from jalon.catalogues.radio_energy import energy_profiles
from jalon.design.blueprint import Blueprint
from jalon.design.spec.sizing import DeviceSizing, SizingFile, Stack
from jalon.vocab.finding import Mark, Path, Remark
from jalon.vocab.references import repeated, unknown, unknown_each
from jalon.vocab.text import N_

PART = "sizing"


def check_references(blueprint: Blueprint) -> Iterator[Remark]:
    """Ids given twice, and words that lead nowhere."""
    file = blueprint.sizing
    lists = {
        "devices": [one.id for one in file.devices],
        "flows": [one.id for one in file.flows],
        "paths": [one.id for one in file.paths],
        "shared": [one.id for one in file.shared],
    }
    for key, ids in lists.items():
        yield from repeated("sizing.duplicate-id", PART, (key,), ids)
    components = [one.id for one in blueprint.architecture.components]
    message = N_("There is no component “{id}” in architecture.yaml.")
    for index, device in enumerate(file.devices):
        path: Path = ("devices", index)
        at = Mark(PART, (*path, "id"))
        yield from unknown("sizing.unknown-component", at, message, device.id, components)
        yield from _device(path, device)
    yield from _flows(file, [one.id for one in blueprint.architecture.flows])


def _device(path: Path, device: DeviceSizing) -> Iterator[Remark]:
    if device.battery is not None:
        at = Mark(PART, (*path, "battery", "cell"))
        message = N_("There is no cell “{id}” in the catalogue.")
        yield from unknown("sizing.unknown-cell", at, message, device.battery.cell, batteries())
    if device.profile is not None:
        at = Mark(PART, (*path, "profile"))
        message = N_("There is no energy profile “{id}” in the catalogue.")
        yield from unknown("sizing.unknown-profile", at, message, device.profile, energy_profiles())
    if device.lorawan is not None:
        at = Mark(PART, (*path, "lorawan", "sub_band"))
        message = N_("EU868 has no sub-band that begins at “{id}” MHz.")
        bands = [one.id for one in eu868().sub_bands]
        yield from unknown("sizing.unknown-band", at, message, device.lorawan.sub_band, bands)


def _flows(file: SizingFile, flows: list[str]) -> Iterator[Remark]:
    message = N_("There is no flow “{id}” in architecture.yaml.")
    for index, flow in enumerate(file.flows):
        at = Mark(PART, ("flows", index, "id"))
        yield from unknown("sizing.unknown-flow", at, message, flow.id, flows)
        if flow.stack is not None:
            yield from _stack(("flows", index, "stack"), flow.stack)
    for index, way in enumerate(file.paths):
        path = ("paths", index, "flows")
        yield from unknown_each("sizing.unknown-flow", PART, path, message, way.flows, flows)


def _stack(path: Path, stack: Stack) -> Iterator[Remark]:
    message = N_("“{id}” is no layer that the catalogue of protocols knows.")
    words = {
        "security": (stack.security, list(securities())),
        "transport": (stack.transport, list(protocols().transports)),
        "network": (stack.network, list(protocols().networks)),
    }
    for key, (word, known) in words.items():
        at = Mark(PART, (*path, key))
        yield from unknown("sizing.unknown-layer", at, message, word, known)
