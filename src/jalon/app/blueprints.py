"""The design's files and what the fleet's say of devices, as one value to compute from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from jalon.adapters.folder.junit import read_runs
from jalon.adapters.folder.markdown_files import read_records, read_templates
from jalon.adapters.folder.reader import FolderReader
from jalon.app.test_results import BY_HAND, merge
from jalon.app.watch_files import read_packages, read_snapshots
from jalon.design.blueprint import Blueprint, PropertyFacts, SiteFacts, ThingFacts
from jalon.design.prototype.measured import operated_values, tried_values
from jalon.design.spec.accessibility import AccessibilityFile
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.choices import ChoicesFile
from jalon.design.spec.documents import DocumentsFile
from jalon.design.spec.ebios import EbiosFile
from jalon.design.spec.privacy import PrivacyFile
from jalon.design.spec.prototype import PrototypeFile
from jalon.design.spec.regulation import RegulationFile
from jalon.design.spec.reviews import ReviewsFile
from jalon.design.spec.security import SecurityFile
from jalon.design.spec.sizing import SizingFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.tests import CasesFile, ResultsFile
from jalon.design.spec.trials import MeasuredFile, TrialFile
from jalon.design.spec.watch import WatchFile
from jalon.run.fleet import Device, Fleet
from jalon.run.links import LinksFile
from jalon.run.things import ThingModel

RUNS = "prototype/results"
MEASURED = ".jalon/measured.json"
"""What `jalon design measure` writes."""


def read_blueprint(
    reader: FolderReader,
    about: SolutionFile,
    architecture: ArchitectureFile,
    things: Mapping[str, ThingModel],
    fleet: Fleet,
    links: LinksFile,
) -> Blueprint:
    """The whole; a file that cannot be read counts as empty, and has findings."""
    prototype = reader.optional("prototype.yaml", PrototypeFile) or PrototypeFile()
    trials = list(_trials(reader))
    watch = reader.optional("watch.yaml", WatchFile) or WatchFile()
    measured = reader.optional(MEASURED, MeasuredFile) or MeasuredFile()
    cases = reader.several("tests", CasesFile)
    by_hand = reader.optional(BY_HAND, ResultsFile) or ResultsFile()
    results = merge(cases, by_hand, read_runs(reader.folder, reader.findings.append))
    templates, wrong = read_templates(reader.folder)
    reader.findings += wrong
    return Blueprint(
        about=about,
        architecture=architecture,
        security=reader.optional("security.yaml", SecurityFile) or SecurityFile(),
        ebios=reader.optional("ebios.yaml", EbiosFile) or EbiosFile(),
        privacy=reader.optional("privacy.yaml", PrivacyFile) or PrivacyFile(),
        regulation=reader.optional("regulation.yaml", RegulationFile) or RegulationFile(),
        accessibility=reader.optional("accessibility.yaml", AccessibilityFile)
        or AccessibilityFile(),
        watch=watch,
        sizing=reader.optional("sizing.yaml", SizingFile) or SizingFile(),
        choices=reader.optional("choices.yaml", ChoicesFile) or ChoicesFile(),
        prototype=prototype,
        documents=reader.optional("documents.yaml", DocumentsFile) or DocumentsFile(),
        reviews=reader.optional("reviews.yaml", ReviewsFile) or ReviewsFile(),
        templates=templates,
        records=read_records(reader.folder),
        cases=cases,
        things={thing: _thing_facts(thing, model, fleet, links) for thing, model in things.items()},
        sites=tuple(_site_facts(fleet)),
        packages=tuple(read_packages(reader.folder, reader.findings.append)),
        snapshots=tuple(read_snapshots(reader.folder, watch, reader.findings.append)),
        trials=trials,
        values=[*tried_values(about, prototype, trials), *operated_values(measured)],
        results=results.last,
        by_hand=by_hand,
        automatic=results.automatic,
    )


def _trials(reader: FolderReader) -> Iterator[TrialFile]:
    """The results of the prototype's runs, the oldest first."""
    for path in sorted((reader.folder / RUNS).glob("*/result.json")):
        if found := reader.optional(path.relative_to(reader.folder).as_posix(), TrialFile):
            yield found


def _thing_facts(thing: str, model: ThingModel, fleet: Fleet, links: LinksFile) -> ThingFacts:
    devices = [device for device in fleet.devices if device.thing == thing]
    kinds = {link.id: str(getattr(link, "kind", "")) for link in links.links}
    return ThingFacts(
        id=thing,
        names=model.names(),
        properties={
            name: PropertyFacts(name, spec.names(name), spec.unit or "", spec.kind)
            for name, spec in model.properties.items()
        },
        actions=frozenset(model.actions),
        codec=model.codec is not None,
        period_s=model.period_s,
        devices=len(devices),
        protocols=frozenset(_protocol(device, kinds) for device in devices),
    )


def _protocol(device: Device, kinds: Mapping[str, str]) -> str:
    if device.dev_eui is not None:
        return "lorawan"
    return kinds.get(device.link or "", "mqtt")


def _site_facts(fleet: Fleet) -> Iterator[SiteFacts]:
    counts = Counter(device.site for device in fleet.devices)
    for site in fleet.sites:
        people = sum(room.capacity or 0 for room in site.rooms)
        yield SiteFacts(site.id, site.name, site.zone, counts[site.id], people)
