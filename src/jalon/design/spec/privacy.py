"""Personal data and what is done with it: `privacy.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from jalon.design.spec.dpia import DpiaNotes
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, Wording

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2, such as FR."""

PropertyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*\.([A-Za-z0-9_-]+|\*)$")]
"""`thing.property`, or `thing.*` for all of a device type."""


class Personal(StrEnum):
    """Whether a person can be recognised: by the data alone, or by joining it with other data."""

    NONE = "none"
    INDIRECT = "indirect"
    DIRECT = "direct"


class Nature(StrEnum):
    """What makes data weigh more. Those of GDPR articles 9 and 10, and highly personal ones."""

    ORDINARY = "ordinary"
    HEALTH = "health"
    BIOMETRIC = "biometric"
    GENETIC = "genetic"
    ORIGIN = "origin"
    OPINIONS = "opinions"
    BELIEFS = "beliefs"
    UNION = "union"
    SEX_LIFE = "sex-life"
    OFFENCES = "offences"
    LOCATION = "location"
    COMMUNICATIONS = "communications"
    FINANCES = "finances"
    PRESENCE = "presence"
    IMAGE = "image"
    SOUND = "sound"
    CREDENTIALS = "credentials"


class PeopleKind(StrEnum):
    """Who the people concerned are: some can hardly refuse."""

    EMPLOYEES = "employees"
    CHILDREN = "children"
    PATIENTS = "patients"
    ELDERLY = "elderly"
    RESIDENTS = "residents"
    CUSTOMERS = "customers"
    VISITORS = "visitors"
    CITIZENS = "citizens"
    OTHER = "other"


class LawfulBasis(StrEnum):
    """GDPR article 6(1), a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTERESTS = "vital-interests"
    PUBLIC_TASK = "public-task"
    LEGITIMATE_INTERESTS = "legitimate-interests"


class PartyRole(StrEnum):
    """In whose name a processing is done."""

    CONTROLLER = "controller"
    JOINT = "joint"
    PROCESSOR = "processor"


class Right(StrEnum):
    """What people may ask for: GDPR articles 15 to 22."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    HUMAN_REVIEW = "human-review"


class Party(Strict):
    """Who answers for the data. Roles, better than names of persons."""

    name: str = Field(description="The organisation.")
    contact: str | None = Field(default=None, description="The role or address to turn to.")
    representative: str | None = Field(default=None, description="Who represents it.")
    dpo: str | None = Field(
        default=None, description="How to reach the data protection officer, when there is one."
    )
    country: Country = Field(default="FR", description="Where it is, as two letters: FR.")


class People(Strict):
    """A group of people whose data is processed."""

    id: Identifier = Field(description="Id by which data names the group.")
    name: Wording = Field(description="What the group is called.")
    kind: PeopleKind = Field(description="What they are to those who process the data.")
    count: int | None = Field(default=None, ge=0, description="How many they are, about.")


class DataCategory(Strict):
    """Data that belongs together: it says the same kind of thing about the same people."""

    id: Identifier = Field(description="Id by which processings, flows and risks name the data.")
    name: Wording = Field(description="What people call it.")
    properties: list[PropertyName] = Field(
        default_factory=list,
        description="What devices report of it: `truck.location`, or `air-sensor.*` for all.",
    )
    components: list[Identifier] = Field(
        default_factory=list, description="The components that hold it, when no device reports it."
    )
    personal: Personal = Field(
        default=Personal.NONE,
        description="Whether a person can be recognised: none, indirect (by joining), direct.",
    )
    nature: Nature = Field(
        default=Nature.ORDINARY, description="What makes it weigh more: location, health, sound…"
    )
    people: list[Identifier] = Field(
        default_factory=list, description="The groups of people it is about."
    )
    reason: Wording | None = Field(
        default=None, description="Why it is, or is not, about a person; how it was made so."
    )


class Consent(Strict):
    """How people say yes, and how they take it back as easily."""

    given: Wording = Field(description="How and when it is asked.")
    withdrawal: Wording | None = Field(default=None, description="How it is taken back.")
    proof: Wording | None = Field(default=None, description="What is kept to show it was given.")
    parents: Wording | None = Field(
        default=None, description="How parents agree for children under 15 (France)."
    )


class RightAnswered(Strict):
    """How a right is used, and the test that shows it works."""

    right: Right = Field(description="The right.")
    how: Wording = Field(description="Whom to ask, what happens, or why it does not apply.")
    test: Identifier | None = Field(default=None, description="The test case that shows it.")


class Transfer(Strict):
    """Data that leaves the European Economic Area otherwise than by a processor."""

    to: Wording = Field(description="Who receives it.")
    country: Country = Field(description="Where, as two letters.")
    safeguard: Wording | None = Field(
        default=None, description="Adequacy decision, standard clauses, exemption."
    )


class AutomatedDecision(Strict):
    """Something decided on persons without a person."""

    rules: list[Identifier] = Field(
        default_factory=list, description="The rules of rules/ that decide."
    )
    effect: Wording = Field(description="What it does to people.")
    significant: bool = Field(
        default=False, description="Whether it has a legal effect or a similar one."
    )
    human: Wording | None = Field(
        default=None, description="Who can step in, see the reasons and decide otherwise."
    )


class After(StrEnum):
    """What happens to data when its time is over."""

    DELETE = "delete"
    ANONYMISE = "anonymise"


class Processing(Strict):
    """One purpose, and everything done for it: a line of the record of processing (art. 30)."""

    id: Identifier = Field(description="Id of the processing.")
    name: Wording = Field(description="What it is called in the record.")
    purpose: Wording = Field(description="What the data is used for, and nothing else.")
    role: PartyRole = Field(
        default=PartyRole.CONTROLLER, description="In whose name: controller, joint or processor."
    )
    on_behalf_of: str | None = Field(
        default=None, description="The controller, when it is done as a processor; or the partner."
    )
    basis: LawfulBasis | None = Field(default=None, description="GDPR article 6(1).")
    basis_reason: Wording | None = Field(
        default=None, description="Why this basis: the law, the contract, the interest weighed."
    )
    exception: str | None = Field(
        default=None,
        pattern=r"^9\(2\)\([a-j]\)$",
        description="Which exception allows special data, as 9(2)(h).",
    )
    data: list[Identifier] = Field(default_factory=list, description="The data it needs.")
    necessity: Wording | None = Field(
        default=None, description="Why less data, or coarser, would not do."
    )
    recipients: list[Identifier] = Field(
        default_factory=list,
        description="Who sees it: personas, stakeholders, components, existing systems,"
        " processors.",
    )
    retention: Duration | None = Field(
        default=None,
        description="How long the data is kept, from the moment it was measured: 60 d.",
    )
    retention_reason: Wording | None = Field(default=None, description="Why so long.")
    after: After = Field(default=After.DELETE, description="What happens then.")
    transfers: list[Transfer] = Field(
        default_factory=list, description="Data leaving the European Economic Area."
    )
    information: Wording | None = Field(
        default=None, description="How people are told (articles 13 and 14): poster, notice…"
    )
    consent: Consent | None = Field(default=None, description="When the basis is consent.")
    rights: list[RightAnswered] = Field(default_factory=list, description="How each right is used.")
    automated: AutomatedDecision | None = Field(
        default=None, description="Decisions on persons that no person takes."
    )
    security: list[Identifier] = Field(
        default_factory=list, description="The controls of security.yaml that guard it."
    )
    security_note: Wording | None = Field(
        default=None, description="Security in words, for the record (art. 30(1)(g))."
    )
    scoring: bool = Field(default=False, description="Whether persons are rated or profiled.")
    monitoring: bool = Field(
        default=False, description="Whether persons are watched all the time or systematically."
    )
    combined_with: list[Wording] = Field(
        default_factory=list, description="Other data it is joined with."
    )
    excludes: bool = Field(
        default=False, description="Whether it can keep people from a right, service or contract."
    )


class Processor(Strict):
    """Somebody who holds or sees the data for the controller (art. 28)."""

    id: Identifier = Field(description="Id by which recipients name it.")
    name: str = Field(description="The company.")
    service: Wording | None = Field(default=None, description="What it does.")
    components: list[Identifier] = Field(
        default_factory=list, description="The components it hosts or runs."
    )
    country: Country = Field(description="Where the data is, as two letters.")
    contract: str | None = Field(
        default=None, description="The contract that has the clauses of article 28."
    )
    signed: date | None = Field(default=None, description="The day it was signed.")
    safeguard: Wording | None = Field(
        default=None,
        description="Outside the EEA: adequacy decision, standard clauses, and what more.",
    )
    subprocessors: list[str] = Field(
        default_factory=list, description="Whom it uses in turn, with their country."
    )


class Breach(Strict):
    """Who does what when data gets lost, changed or seen (articles 33 and 34)."""

    contact: str = Field(description="The role that starts the clock and notifies.")
    procedure: Wording | None = Field(default=None, description="What is done, or where it stands.")
    test: Identifier | None = Field(default=None, description="The case that rehearses it.")


class PrivacyFile(Strict):
    """The whole of `privacy.yaml`."""

    controller: Party | None = Field(default=None, description="Who decides why and how.")
    hosted_in: Country = Field(
        default="FR", description="Where components stand that no processor hosts."
    )
    people: list[People] = Field(default_factory=list, description="Groups of people concerned.")
    data: list[DataCategory] = Field(default_factory=list, description="Data, by category.")
    processings: list[Processing] = Field(
        default_factory=list, description="What is done with it: the record of processing."
    )
    processors: list[Processor] = Field(
        default_factory=list, description="Who holds it for the controller."
    )
    breach: Breach | None = Field(default=None, description="When something goes wrong.")
    dpia: DpiaNotes | None = Field(
        default=None, description="What people decide in the data protection impact assessment."
    )
