"""Everything the design computes from: its files, and what the other files say about devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jalon.design.controls import CaseResult
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
from jalon.design.spec.trials import TrialFile
from jalon.design.spec.watch import WatchFile
from jalon.design.spec.watched import Snapshot
from jalon.design.values import Value
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import Names


@dataclass(frozen=True, slots=True)
class PropertyFacts:
    """A property of a device type. `unit` is a UCUM code, "" without one."""

    id: str
    names: Names
    unit: str
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class ThingFacts:
    """A device type as things/ describes it, and how many of it the fleet has.

    `protocols` are those by which its devices come in: `lorawan`, `mqtt`, or the kind of a link.
    `period_s` is the time between two reports, None when there is none.
    """

    id: str
    names: Names
    properties: Mapping[str, PropertyFacts]
    actions: frozenset[str] = frozenset()
    codec: bool = False
    period_s: float | None = None
    devices: int = 0
    protocols: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site of the fleet, its IANA time zone and its number of devices."""

    id: str
    name: str
    zone: str
    devices: int
    capacity: int = 0
    """How many people its rooms are made for, as far as the files say."""


@dataclass(frozen=True, slots=True)
class Package:
    """A piece of software that the solution is made of, from its SBOM files."""

    name: str
    version: str
    purl: str = ""


@dataclass(frozen=True, eq=False)
class Blueprint:
    """One reading of the files: compared and hashed by identity, so that what is computed from it
    can be remembered. Ends and references of `about` and `architecture` are sound; those of the
    other files may lead nowhere.

    `templates` are the texts of templates/ by file name without `.md`, `records` those of
    project/decisions/.
    `cases` are all those of tests/, by file name without ending. `results` are the last of each
    case, made of those written `by_hand` and of JUnit files, whose tests' names are `automatic`.
    `snapshots` are what sources of the watch have said, `packages` the software in sbom/.
    `trials` are the runs of the prototype, the oldest first; `values` are what prototype and
    operation measured. Obtained from `app/blueprints.py`.
    """

    about: SolutionFile
    architecture: ArchitectureFile = field(default_factory=ArchitectureFile)
    security: SecurityFile = field(default_factory=SecurityFile)
    ebios: EbiosFile = field(default_factory=EbiosFile)
    privacy: PrivacyFile = field(default_factory=PrivacyFile)
    regulation: RegulationFile = field(default_factory=RegulationFile)
    accessibility: AccessibilityFile = field(default_factory=AccessibilityFile)
    watch: WatchFile = field(default_factory=WatchFile)
    sizing: SizingFile = field(default_factory=SizingFile)
    choices: ChoicesFile = field(default_factory=ChoicesFile)
    prototype: PrototypeFile = field(default_factory=PrototypeFile)
    documents: DocumentsFile = field(default_factory=DocumentsFile)
    reviews: ReviewsFile = field(default_factory=ReviewsFile)
    templates: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    cases: Mapping[str, CasesFile] = field(default_factory=dict)
    things: Mapping[str, ThingFacts] = field(default_factory=dict)
    sites: Sequence[SiteFacts] = ()
    packages: Sequence[Package] = ()
    results: Mapping[str, CaseResult] = field(default_factory=dict)
    by_hand: ResultsFile = field(default_factory=ResultsFile)
    automatic: frozenset[str] = frozenset()
    snapshots: Sequence[Snapshot] = ()
    trials: Sequence[TrialFile] = ()
    values: Sequence[Value] = ()
