"""What technologies are weighed for each layer, and what is reused: `choices.yaml`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from jalon.design.spec.architecture import Layer
from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.text import N_, Text


class Better(StrEnum):
    """Which side of a scale is wanted."""

    MORE = "more"
    LESS = "less"


class Criterion(Strict):
    """Something by which options are compared, on a scale."""

    id: Identifier = Field(description="Id by which options give their figure.")
    name: Wording = Field(description="What is compared.")
    better: Better = Field(description="Whether more or less of it is wanted.")
    weight: float = Field(gt=0, description="How much it matters; only the ratio counts.")
    low: float = Field(description="The lowest figure of the scale, whatever the options are.")
    high: float = Field(description="The highest figure of the scale.")
    unit: str = Field(default="", description="Unit of the figures, for people.")
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements it stands for."
    )

    @model_validator(mode="after")
    def _scale(self) -> Criterion:
        if self.low >= self.high:
            raise refusal(Text(N_("The scale needs “low” below “high”.")))
        return self


class DemandKind(StrEnum):
    """What is demanded of every option. Unit of `value` in brackets."""

    PAYLOAD = "payload"
    RATE = "rate"
    UPLINK = "uplink"
    DOWNLINK = "downlink"
    BATTERY = "battery"
    LINK_BUDGET = "link-budget"
    MOBILITY = "mobility"
    END_TO_END = "end-to-end"
    UPDATE = "update"
    LICENCE = "licence"
    SPEAKS = "speaks"
    COST = "cost"
    FEATURE = "feature"


class Demand(Strict):
    """A hard demand: an option that does not meet it is out, whatever else it can."""

    id: Identifier = Field(description="Id of the demand.")
    kind: DemandKind = Field(
        description="payload (bytes), rate (messages a day), uplink and downlink (seconds at most),"
        " battery (years), link-budget (dB), mobility, end-to-end (encryption), update (days at"
        " most), licence (refused ones), speaks (protocols, one of them), cost (EUR a month at"
        " most), feature (all of them)."
    )
    value: float | None = Field(default=None, description="The bound, in the unit of the kind.")
    words: list[str] = Field(
        default_factory=list, description="Licences refused, protocols or features wanted."
    )
    image_kb: float | None = Field(
        default=None, gt=0, description="Size of an update's image in kB."
    )
    requirement: Identifier | None = Field(
        default=None, description="The requirement that asks for it."
    )
    system: Identifier | None = Field(
        default=None, description="The existing system whose protocols have to be spoken."
    )


class Exclusion(Strict):
    """Why an option is out, in the author's words."""

    reason: Wording = Field(description="Why it cannot be taken.")
    requirement: Identifier | None = Field(
        default=None, description="The requirement that it breaks."
    )


class Option(Strict):
    """A candidate: from a catalogue by id, or of one's own. What is written here counts before what
    the catalogue says."""

    id: Identifier = Field(description="Id of the option.")
    name: Wording | None = Field(default=None, description="By default that of the catalogue.")
    radio: Identifier | None = Field(default=None, description="A radio of the catalogue.")
    store: Identifier | None = Field(default=None, description="A store of the catalogue.")
    hardware: Identifier | None = Field(
        default=None, description="A class of hardware of the catalogue."
    )
    figures: dict[str, float] = Field(
        default_factory=dict, description="Its figure for each criterion, by the criterion's id."
    )
    payload_max: int | None = Field(default=None, ge=0, description="Most bytes of a message.")
    messages_per_day: float | None = Field(
        default=None, ge=0, description="Most messages of a device in a day."
    )
    uplink_s: float | None = Field(
        default=None, ge=0, description="Seconds until a message is there."
    )
    downlink_s: float | None = Field(
        default=None, ge=0, description="Seconds until a command is there."
    )
    battery_years: float | None = Field(
        default=None, ge=0, description="Years of a battery, when it was measured."
    )
    budget_db: float | None = Field(default=None, ge=0, description="Link budget in dB.")
    cost_month: Decimal | None = Field(
        default=None, ge=0, description="Euros a month and device, everything included."
    )
    licence: str | None = Field(default=None, description="Its licence, as an SPDX id.")
    protocols: list[str] = Field(default_factory=list, description="What it speaks.")
    features: list[str] = Field(default_factory=list, description="What it can, in words.")
    provides: list[str] = Field(
        default_factory=list, description="What other choices may build upon, in words."
    )
    requires: list[str] = Field(
        default_factory=list, description="What it needs of other choices or existing systems."
    )
    excluded: list[Exclusion] = Field(
        default_factory=list, description="Why it is out, beyond what follows from the demands."
    )
    note: Wording | None = Field(default=None, description="What else is to be known of it.")


class Question(Strict):
    """Something that has to be decided, with its options."""

    id: Identifier = Field(description="Id of the question.")
    layer: Layer = Field(description="The layer it is about.")
    name: Wording = Field(description="The question.")
    decision: Identifier | None = Field(
        default=None, description="The decision of architecture.yaml that answers it."
    )
    components: list[Identifier] = Field(
        default_factory=list, description="The components it is for: demands follow from them."
    )
    demands: list[Demand] = Field(default_factory=list, description="Hard demands.")
    derive: bool = Field(
        default=True, description="Whether demands are derived from requirements and flows too."
    )
    criteria: list[Criterion] = Field(default_factory=list, description="What is compared.")
    options: list[Option] = Field(default_factory=list, description="Candidates, at least two.")
    choice: Identifier | None = Field(default=None, description="The option that is taken.")
    reason: Wording | None = Field(
        default=None, description="Why, when it is not the one that ranks first."
    )
    consequences: list[Wording] = Field(
        default_factory=list, description="What follows from it, good and bad."
    )


class LockIn(StrEnum):
    """How hard it would be to leave."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Brick(Strict):
    """Something that exists and is reused instead of being made."""

    id: Identifier = Field(description="Id of the brick.")
    name: str = Field(description="What it is called, with its version.")
    purpose: Wording = Field(description="What it saves to make.")
    components: list[Identifier] = Field(
        default_factory=list, description="The components that use it."
    )
    licence: str | None = Field(default=None, description="Its licence, as an SPDX id.")
    linked: bool = Field(
        default=False, description="Whether it becomes part of the same program as other bricks."
    )
    last_release: date | None = Field(default=None, description="Day of its last release.")
    releases_per_year: float | None = Field(
        default=None, ge=0, description="Releases in the last year."
    )
    maintainers: int | None = Field(
        default=None, ge=0, description="People who made most of the last year's changes."
    )
    open_vulnerabilities: int | None = Field(
        default=None, ge=0, description="Known vulnerabilities of this version without a fix."
    )
    checked_on: date | None = Field(default=None, description="Day it was looked at.")
    lock_in: LockIn | None = Field(default=None, description="How hard it would be to leave.")
    build_days: float | None = Field(
        default=None, ge=0, description="Days it would take to make the same."
    )
    adopt_days: float | None = Field(
        default=None, ge=0, description="Days it takes to learn, join and keep it up."
    )
    evidence: list[str] = Field(
        default_factory=list, description="Where the gain is shown: addresses or files."
    )


class ChoicesFile(Strict):
    """The whole of `choices.yaml`."""

    language: Literal["fr", "en"] = Field(
        default="en", description="The language in which records of decisions are written."
    )
    distribution: Literal["internal", "service", "shipped"] = Field(
        default="internal",
        description="Whether software stays in the house, serves others over a network, or is"
        " shipped in devices: licences ask for different things.",
    )
    day_eur: Decimal = Field(
        default=Decimal(450), ge=0, description="What a day of work costs, in euros."
    )
    questions: list[Question] = Field(default_factory=list, description="What is decided.")
    bricks: list[Brick] = Field(default_factory=list, description="What is reused.")
