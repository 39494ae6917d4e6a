"""A solution folder, read and checked: the files of every domain joined into one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from jalon.adapters.folder.reader import FolderReader
from jalon.app.blueprints import read_blueprint
from jalon.app.codecs import check_codecs
from jalon.app.link_kinds import links_file, make_links
from jalon.design.blueprint import Blueprint
from jalon.design.needs.references import check_solution
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.structure.references import check_architecture
from jalon.run.alarms.checks import check_alarms
from jalon.run.alarms.spec import AlarmsFile
from jalon.run.calendars import CalendarsFile
from jalon.run.commands.checks import check_commands
from jalon.run.commands.spec import CommandsFile
from jalon.run.fleet import Device, Fleet, Room, Site
from jalon.run.fleet_checks import check_fleet, check_things
from jalon.run.integrations.checks import check_integrations
from jalon.run.integrations.spec import IntegrationsFile
from jalon.run.known import Known
from jalon.run.links import LinksFile
from jalon.run.links_checks import check_links
from jalon.run.notices.checks import check_notifications
from jalon.run.notices.spec import NotificationsFile
from jalon.run.rules.checks import check_rules
from jalon.run.rules.spec import RuleFile
from jalon.run.things import Property, ThingModel
from jalon.run.topic_mapping import check_topics
from jalon.run.twins.checks import check_groups
from jalon.run.twins.spec import GroupsFile
from jalon.run.updates.checks import check_updates
from jalon.run.updates.spec import UpdatesFile
from jalon.vocab.errors import SolutionError, UsageError
from jalon.vocab.finding import Finding, Remark, Severity
from jalon.vocab.text import N_, Text


@dataclass(frozen=True)
class ControlFiles:
    """What the files say of watching, deciding and acting. `rules` by file name without ending."""

    rules: Mapping[str, RuleFile] = field(default_factory=dict)
    calendars: CalendarsFile = field(default_factory=CalendarsFile)
    notifications: NotificationsFile = field(default_factory=NotificationsFile)
    alarms: AlarmsFile = field(default_factory=AlarmsFile)
    commands: CommandsFile = field(default_factory=CommandsFile)
    updates: UpdatesFile = field(default_factory=UpdatesFile)
    integrations: IntegrationsFile = field(default_factory=IntegrationsFile)
    groups: GroupsFile = field(default_factory=GroupsFile)


@dataclass(frozen=True)
class Solution:
    """Everything the folder says. Obtained from `load`; never half valid."""

    folder: Path
    about: SolutionFile
    architecture: ArchitectureFile
    things: Mapping[str, ThingModel]
    fleet: Fleet
    blueprint: Blueprint
    links: LinksFile = field(default_factory=LinksFile)
    control: ControlFiles = field(default_factory=ControlFiles)

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
    """Read the folder. Raises SolutionError when a check finds an error in what runs, UsageError
    when there is no such folder. What the design says beyond is left to `check`: a reference that
    leads nowhere in a study stops nobody from measuring."""
    solution, findings = _read(folder, design=False)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if solution is None or errors:
        text = Text(
            N_("The solution in {folder} has errors: {count}. “jalon check {folder}” shows them."),
            {"folder": folder, "count": errors},
        )
        raise SolutionError(text, findings)
    return solution


def check(folder: Path, design: bool = True, today: date | None = None) -> list[Finding]:
    """What is wrong or strange in the folder, in the order of its files and lines; without
    `design`, only what would keep it from running. What is due is judged for `today`.

    Raises UsageError when there is no such folder.
    """
    return _read(folder, design, today)[1]


def _read(
    folder: Path, design: bool, today: date | None = None
) -> tuple[Solution | None, list[Finding]]:
    if not folder.is_dir():
        raise UsageError(Text(N_("There is no folder {folder}."), {"folder": folder}))
    reader = FolderReader(folder)
    about = reader.solution()
    architecture = reader.optional("architecture.yaml", ArchitectureFile)
    links = reader.optional("links.yaml", links_file())
    things = reader.things()
    fleet = reader.fleet()
    control = _control(reader)
    reader.look_around()
    remarks = [*check_things(things), *check_codecs(folder, things)]
    if fleet is not None:
        remarks += check_fleet(things, fleet, reader.unread_things)
        if links is not None:
            remarks += check_links(links, fleet.devices)
            remarks += check_topics(things, fleet, _brokers(links))
            remarks += make_links(links, fleet.devices, things)[1]
            sound = not any(remark.severity is Severity.ERROR for remark in remarks)
            if control is not None and sound and not reader.unread_things:
                remarks += _check_control(control, things, fleet, links)
    solution = None
    if about is not None and architecture is not None:
        remarks += check_solution(about, [part.id for part in architecture.components])
        remarks += check_architecture(architecture, about, {*things, *reader.unread_things})
        if fleet is not None and links is not None and control is not None:
            blueprint = read_blueprint(reader, about, architecture, things, fleet, links)
            if design and not any(remark.severity is Severity.ERROR for remark in remarks):
                # Imported late: its areas take a third of a second, which no other command needs.
                from jalon.app.design_checks import check_design

                remarks += check_design(blueprint, today or datetime.now(UTC).date())
            solution = Solution(
                folder, about, architecture, things, fleet, blueprint, links, control
            )
    findings = [*reader.findings, *map(reader.finding, remarks)]
    return solution, sorted(findings, key=lambda finding: finding.place)


def _control(reader: FolderReader) -> ControlFiles | None:
    calendars = reader.optional("calendars.yaml", CalendarsFile)
    notifications = reader.optional("notifications.yaml", NotificationsFile)
    alarms = reader.optional("alarms.yaml", AlarmsFile)
    commands = reader.optional("commands.yaml", CommandsFile)
    updates = reader.optional("updates.yaml", UpdatesFile)
    integrations = reader.optional("integrations.yaml", IntegrationsFile)
    groups = reader.optional("fleet/groups.yaml", GroupsFile)
    rules = reader.several("rules", RuleFile)
    if (
        calendars is None
        or notifications is None
        or alarms is None
        or commands is None
        or updates is None
        or integrations is None
        or groups is None
    ):
        return None
    return ControlFiles(
        rules, calendars, notifications, alarms, commands, updates, integrations, groups
    )


def _check_control(
    control: ControlFiles, things: Mapping[str, ThingModel], fleet: Fleet, links: LinksFile
) -> Iterator[Remark]:
    known = Known(
        things,
        fleet,
        calendars=control.calendars,
        links=frozenset(link.id for link in links.links),
        recipients=control.notifications.recipients,
        webhooks=control.integrations.webhook_ids,
        groups=control.groups.ids,
        rules=frozenset(rule.id for file in control.rules.values() for rule in file.rules),
    )
    yield from check_rules(control.rules, known)
    yield from check_notifications(control.notifications, known)
    yield from check_alarms(control.alarms, known)
    yield from check_commands(control.commands, known)
    yield from check_updates(control.updates, known)
    yield from check_integrations(control.integrations, known)
    yield from check_groups(control.groups, known)
