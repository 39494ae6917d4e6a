"""What the parts of updates work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jalon.adapters.packages.shelf import Shelf
from jalon.adapters.stores.registry.updates import (
    CampaignTable,
    OfferTable,
    PackageTable,
    VersionTable,
)
from jalon.adapters.stores.registry.updates_schema import CampaignRow, PackageRow
from jalon.app.ground import Ground
from jalon.run.control import Message
from jalon.run.fleet import Device
from jalon.run.updates.manifest import Manifest, Signed, read_manifest
from jalon.run.updates.spec import Plan
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

Carry = Callable[[Device, str, bytes, bool], None]
"""Hands (device, leaf, payload, retain) over to a device; on return it was taken in charge. Raises
BrokerError or UsageError."""
Search = Callable[[str], list[str]]
"""The ids of the devices that a query of the fleet finds. Raises UsageError."""
Post = Callable[[Message], None]

FOLDER = "packages"


def no_carrier(_device: Device, _leaf: str, _payload: bytes, _retain: bool) -> None:
    """Nothing can be handed over. Raises UsageError."""
    raise UsageError(Text(N_("The broker does not run yet.")))


def no_search(_query: str) -> list[str]:
    """Nothing can be searched. Raises UsageError."""
    raise UsageError(Text(N_("The fleet cannot be searched now.")))


def no_post(_message: Message) -> None:
    """Nobody is told."""


@dataclass
class World:
    """The ground with the tables of updates, and the ways out."""

    ground: Ground
    carry: Carry = no_carrier
    post: Post = no_post
    search: Search = no_search
    packages: PackageTable = field(init=False)
    campaigns: CampaignTable = field(init=False)
    offers: OfferTable = field(init=False)
    versions: VersionTable = field(init=False)
    shelf: Shelf = field(init=False)
    _manifests: dict[str, Manifest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        registry = self.ground.registry
        self.packages = PackageTable(registry)
        self.campaigns = CampaignTable(registry)
        self.offers = OfferTable(registry)
        self.versions = VersionTable(registry)
        self.shelf = Shelf(self.ground.folder / ".jalon" / FOLDER)

    def package(self, package: str) -> PackageRow:
        """The package of that id. Raises UsageError."""
        row = self.packages.get(package)
        if row is None:
            text = N_("There is no package {id}.")
            raise UsageError(Text(text, {"id": package[:64]}))
        return row

    def manifest(self, package: str) -> Manifest:
        """What was signed of a package that is kept. Raises UsageError."""
        if package not in self._manifests:
            row = self.package(package)
            # It was verified before it was kept; whether its key is still trusted is asked when
            # it is offered.
            self._manifests[package] = read_manifest(
                Signed.model_validate_json(row.envelope).content
            )
        return self._manifests[package]

    def envelope(self, package: str) -> Signed:
        """The signed manifest of a package. Raises UsageError."""
        return Signed.model_validate_json(self.package(package).envelope)

    def campaign(self, campaign: int) -> CampaignRow:
        """The campaign of that id. Raises UsageError."""
        row = self.campaigns.get(campaign)
        if row is None:
            raise UsageError(Text(N_("There is no campaign {id}."), {"id": campaign}))
        return row

    def trusted(self) -> dict[str, str]:
        """The keys of updates.yaml as it is now."""
        return self.ground.solution().control.updates.trusted

    def runs(self, device: str) -> Mapping[str, str]:
        """What a device last said it runs, by component."""
        return {row.component: row.version for row in self.versions.of(device)}


def plan_of(row: CampaignRow) -> Plan:
    """The plan of a campaign, as it was when it was made."""
    return Plan.model_validate_json(row.plan)
