"""What is watched, and what was decided of it: `watch.yaml`."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class SourceKind(StrEnum):
    """How a source is written. `feed` is RSS or Atom, `json-feed` JSON Feed, `osv` one or many
    entries of the OSV schema, `nvd` an answer of the NVD's CVE API 2.0, `csaf` a CSAF advisory."""

    FEED = "feed"
    JSON_FEED = "json-feed"
    OSV = "osv"
    NVD = "nvd"
    CSAF = "csaf"


class Source(Strict):
    """Somebody who says what changes."""

    id: Identifier = Field(description="Id; its snapshots are watch/<id>.<day>.<ending>.")
    name: Wording = Field(description="Who speaks.")
    kind: SourceKind = Field(description="How it is written: feed, json-feed, osv, nvd, csaf.")
    url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Where to fetch it, only when asked: jalon design watch fetch.",
    )
    about: list[str] = Field(
        default_factory=list, description="The technologies it speaks of, as LoRaWAN or MQTT."
    )


class Decided(StrEnum):
    """What is done about an item."""

    ADOPT = "adopt"
    ASSESS = "assess"
    HOLD = "hold"
    REJECT = "reject"


class Weight(Strict):
    """0 to 3, on what matters; what is not given stays as computed."""

    performance: int | None = Field(default=None, ge=0, le=3, description="Speed, energy, reach.")
    security: int | None = Field(default=None, ge=0, le=3, description="Attack and protection.")
    conformity: int | None = Field(default=None, ge=0, le=3, description="Law and standards.")


class Decision(Strict):
    """What was decided of one item."""

    id: Identifier = Field(description="Id of the decision.")
    item: str = Field(description="The item, as `jalon design watch` names it.")
    decision: Decided = Field(description="adopt, assess, hold or reject.")
    reason: Wording = Field(description="Why, for this solution.")
    by: str = Field(description="The role that decided.")
    on: date = Field(description="The day, as 2026-03-31.")
    architecture: list[Identifier] = Field(
        default_factory=list, description="Decisions of architecture.yaml that follow from it."
    )
    tasks: list[str] = Field(
        default_factory=list, description="Tasks of the project that follow from it."
    )
    opportunity: Weight = Field(
        default_factory=Weight, description="Your own weight of the opportunity."
    )
    risk: Weight = Field(default_factory=Weight, description="Your own weight of the risk.")


class IncidentKind(StrEnum):
    """What article 14 of the Cyber Resilience Act makes notifiable."""

    EXPLOITED = "exploited-vulnerability"
    SEVERE = "severe-incident"


class Incident(Strict):
    """Something that has to be notified, and what was done. Times with their offset."""

    id: Identifier = Field(description="Id of the incident.")
    kind: IncidentKind = Field(description="exploited-vulnerability or severe-incident.")
    title: Wording = Field(description="What happened.")
    aware_at: datetime = Field(description="When it became known, as 2026-11-02T08:30+01:00.")
    fixed_at: datetime | None = Field(
        default=None, description="When a correction was available, for the final report."
    )
    early_warning_at: datetime | None = Field(default=None, description="Sent: within 24 h.")
    notification_at: datetime | None = Field(default=None, description="Sent: within 72 h.")
    final_report_at: datetime | None = Field(default=None, description="Sent: the last one.")
    exercise: bool = Field(default=False, description="It is an exercise; nothing really happened.")


class WatchFile(Strict):
    """The whole of `watch.yaml`."""

    undecided_after: int = Field(
        default=30, ge=1, description="Days after which an undecided item is a warning."
    )
    threshold: float = Field(
        default=0.12,
        ge=0,
        le=1,
        description="How alike an item and the solution's words must be, 0 to 1.",
    )
    products: bool = Field(
        default=False,
        description="Whether the organisation places products on the market, so that article 14"
        " of the Cyber Resilience Act binds it.",
    )
    topics: list[str] = Field(
        default_factory=list, description="More words to look for, beside those of the solution."
    )
    sources: list[Source] = Field(default_factory=list, description="Who is listened to.")
    decisions: list[Decision] = Field(default_factory=list, description="What was decided.")
    incidents: list[Incident] = Field(
        default_factory=list, description="What has to be notified, and exercises of it."
    )
