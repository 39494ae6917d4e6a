"""A solution folder, read and checked: the files of every domain joined into one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jalon.adapters.folder.reader import FolderReader
from jalon.app.codecs import check_codecs
from jalon.app.link_kinds import links_file, make_links
from jalon.design.architecture import ArchitectureFile
from jalon.design.architecture_checks import check_architecture
from jalon.design.solution import SolutionFile
from jalon.design.solution_checks import check_solution
from jalon.run.fleet import Device, Fleet, Room, Site
from jalon.run.fleet_checks import check_fleet, check_things
from jalon.run.links import LinksFile
from jalon.run.links_checks import check_links
from jalon.run.things import Property, ThingModel
from jalon.run.topic_mapping import check_topics
from jalon.vocab.errors import SolutionError, UsageError
from jalon.vocab.finding import Finding, Severity
from jalon.vocab.text import N_, Text


@dataclass(frozen=True)
class Solution:
    """Everything the folder says. Obtained from `load`; never half valid."""

    folder: Path
    about: SolutionFile
    architecture: ArchitectureFile
    things: Mapping[str, ThingModel]
    fleet: Fleet
    links: LinksFile = field(default_factory=LinksFile)

    @cached_property
    def _devices(self) -> dict[str, Device]:
        return {device.id: device for device in self.fleet.devices}

    @cached_property
    def _sites(self) -> dict[str, Site]:
        return {site.id: site for site in self.fleet.sites}

    def device(self, device_id: str) -> Device | None:
        """The device with that id."""
        return self._devices.get(device_id)

    def site(self, site_id: str) -> Site:
        """The site with that id; KeyError cannot happen for ids of this solution's devices."""
        return self._sites[site_id]

    def room(self, device: Device) -> Room | None:
        """The room the device is in."""
        return next((r for r in self.site(device.site).rooms if r.id == device.room), None)

    def speaks_mqtt(self, link_id: str) -> bool:
        """Whether the link is to another MQTT broker, whose topics are mapped."""
        return link_id in _brokers(self.links)

    def properties(self, device: Device) -> Mapping[str, Property]:
        """What the device's type can report."""
        return self.things[device.thing].properties


def _brokers(links: LinksFile) -> set[str]:
    return {link.id for link in links.links if getattr(link, "kind", "") == "mqtt"}


def load(folder: Path) -> Solution:
    """Read the folder. Raises SolutionError when a check finds an error, UsageError when there is
    no such folder."""
    solution, findings = _read(folder)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if solution is None or errors:
        text = Text(
            N_("The solution in {folder} has errors: {count}. “jalon check {folder}” shows them."),
            {"folder": folder, "count": errors},
        )
        raise SolutionError(text, findings)
    return solution


def check(folder: Path) -> list[Finding]:
    """What is wrong or strange in the folder, in the order of its files and lines.

    Raises UsageError when there is no such folder.
    """
    return _read(folder)[1]


def _read(folder: Path) -> tuple[Solution | None, list[Finding]]:
    if not folder.is_dir():
        raise UsageError(Text(N_("There is no folder {folder}."), {"folder": folder}))
    reader = FolderReader(folder)
    about = reader.solution()
    architecture = reader.architecture()
    links = reader.links(links_file())
    things = reader.things()
    fleet = reader.fleet()
    reader.look_around()
    remarks = [*check_things(things), *check_codecs(folder, things)]
    if fleet is not None:
        remarks += check_fleet(things, fleet, reader.unread_things)
        if links is not None:
            remarks += check_links(links, fleet.devices)
            remarks += check_topics(things, fleet, _brokers(links))
            remarks += make_links(links, fleet.devices, things)[1]
    solution = None
    if about is not None and architecture is not None:
        remarks += check_solution(about, [part.id for part in architecture.components])
        remarks += check_architecture(architecture, about, {*things, *reader.unread_things})
        if fleet is not None and links is not None:
            solution = Solution(folder, about, architecture, things, fleet, links)
    findings = [*reader.findings, *map(reader.finding, remarks)]
    return solution, sorted(findings, key=lambda finding: finding.place)
