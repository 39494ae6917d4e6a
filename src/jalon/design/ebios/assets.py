"""Workshop 1: supporting assets, derived from the architecture, and what they carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.business import Value
from jalon.design.ebios.roads import exposed
from jalon.design.ebios.sources import Label, Source, named, plain
from jalon.design.spec.architecture import Component, Layer
from jalon.design.spec.ebios import AssetKind, SupportingAsset
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

_BOXES = ("gateway", "bridge", "router", "modem", "switch")


@dataclass(frozen=True, slots=True)
class Asset:
    """What can be attacked. `values` are the business values it carries; `exposed` whether
    strangers reach it. `left_out` says why no scenario goes through it."""

    id: str
    label: Label
    kind: AssetKind
    values: tuple[str, ...] = ()
    zone: str = ""
    owner: str = ""
    exposed: bool = False
    source: Source = Source.DERIVED
    left_out: Wording | None = None


def supporting_assets(blueprint: Blueprint, values: Iterable[Value]) -> list[Asset]:
    """Components, flows and existing systems in the order of their files, then what is written."""
    carried: dict[str, list[str]] = defaultdict(list)
    for value in values:
        if value.left_out is None:
            for asset in value.assets:
                carried[asset].append(value.id)
    found = {
        one.id: replace(one, values=tuple(carried.get(one.id, ()))) for one in _derived(blueprint)
    }
    for written in blueprint.ebios.supporting_assets:
        found[written.id] = _completed(found.get(written.id), written, carried[written.id])
    return list(found.values())


def _completed(known: Asset | None, written: SupportingAsset, carried: list[str]) -> Asset:
    asset = known or Asset(written.id, plain(written.id), AssetKind.PEOPLE)
    return replace(
        asset,
        label=named(written.name, asset.label),
        kind=written.kind or asset.kind,
        values=tuple(dict.fromkeys([*asset.values, *carried, *written.values])),
        owner=written.owner or asset.owner,
        source=Source.COMPLETED if known else Source.WRITTEN,
        left_out=written.leave_out,
    )


def _derived(blueprint: Blueprint) -> Iterator[Asset]:
    architecture, reachable = blueprint.architecture, exposed(blueprint)
    for one in architecture.components:
        yield Asset(
            one.id,
            one.name.names,
            _kind(one),
            zone=one.zone or "",
            owner=one.hosted_by or "",
            exposed=one.id in reachable,
        )
    for flow in architecture.flows:
        text = N_("{protocol} from {start} to {end}")
        said = {"protocol": flow.protocol, "start": flow.from_, "end": flow.to}
        is_open = flow.from_ in reachable or flow.to in reachable
        yield Asset(flow.id, Text(text, said), AssetKind.NETWORK, exposed=is_open)
    ends = {end for flow in architecture.flows for end in (flow.from_, flow.to)}
    attached = {one.id: one for one in architecture.systems}
    for system in blueprint.about.existing_systems:
        if system.id in ends:
            there = attached.get(system.id)
            yield Asset(
                system.id,
                system.name.names,
                AssetKind.SYSTEM,
                zone=(there.zone if there else None) or "",
                owner=system.owner or "",
                exposed=True,
            )


def _kind(component: Component) -> AssetKind:
    boxed = any(word in (component.kind or "") for word in _BOXES)
    return (
        AssetKind.HARDWARE if component.layer is Layer.PERCEPTION or boxed else AssetKind.SOFTWARE
    )
