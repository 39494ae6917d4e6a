"""The parts of an Open Threat Model that are read and written (schema 0.2.0)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    """Keys that we do not read are let be."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


Attributes = dict[str, object]
"""OTM leaves them to each tool."""


class Project(_Part):
    """What it is about."""

    name: str
    id: str
    description: str | None = None
    owner: str | None = None
    attributes: Attributes | None = None


class Parent(_Part):
    """Where something stands: one of the two."""

    trust_zone: str | None = Field(default=None, alias="trustZone")
    component: str | None = None


class ZoneRisk(_Part):
    """0 (no trust) to 100."""

    trust_rating: float = Field(default=50, alias="trustRating")


class TrustZone(_Part):
    """A zone."""

    id: str
    name: str
    type: str | None = None
    description: str | None = None
    risk: ZoneRisk = Field(default_factory=ZoneRisk)
    parent: Parent | None = None
    attributes: Attributes | None = None


class MitigationState(_Part):
    """A mitigation of a threat, and how far it is: implemented, required, rejected…"""

    mitigation: str | None = None
    state: str | None = None


class ThreatState(_Part):
    """A threat of an element: exposed, mitigated, accepted…"""

    threat: str
    state: str
    mitigations: list[MitigationState | None] = Field(default_factory=list)


class AssetInstance(_Part):
    """Assets that a component handles."""

    processed: list[str | None] | None = None
    stored: list[str | None] | None = None


class OtmComponent(_Part):
    """A part of the system."""

    id: str
    name: str
    type: str
    description: str | None = None
    parent: Parent
    assets: AssetInstance | None = None
    threats: list[ThreatState] | None = None
    tags: list[str | None] | None = None
    attributes: Attributes | None = None


class Dataflow(_Part):
    """A flow."""

    id: str
    name: str
    description: str | None = None
    bidirectional: bool | None = None
    source: str
    destination: str
    assets: list[str | None] | None = None
    threats: list[ThreatState] | None = None
    tags: list[str | None] | None = None
    attributes: Attributes | None = None


class AssetRisk(_Part):
    """0 to 100 each."""

    confidentiality: float = 50
    integrity: float = 50
    availability: float = 50
    comment: str | None = None


class Asset(_Part):
    """A kind of data."""

    id: str
    name: str
    description: str | None = None
    risk: AssetRisk = Field(default_factory=AssetRisk)
    attributes: Attributes | None = None


class ThreatRisk(_Part):
    """0 to 100 each."""

    likelihood: float | None = 50
    impact: float = 50
    likelihood_comment: str | None = Field(default=None, alias="likelihoodComment")
    impact_comment: str = Field(default="", alias="impactComment")


class OtmThreat(_Part):
    """A threat."""

    id: str
    name: str
    description: str | None = None
    categories: list[str | None] | None = None
    cwes: list[str | None] | None = None
    risk: ThreatRisk = Field(default_factory=ThreatRisk)
    attributes: Attributes | None = None


class Mitigation(_Part):
    """What is done; 0 to 100 per cent of the risk goes."""

    id: str
    name: str
    description: str | None = None
    risk_reduction: float = Field(default=0, alias="riskReduction")
    attributes: Attributes | None = None


class OtmModel(_Part):
    """The whole file."""

    otm_version: str = Field(default="0.2.0", alias="otmVersion")
    project: Project
    assets: list[Asset] | None = None
    trust_zones: list[TrustZone] = Field(default_factory=list, alias="trustZones")
    components: list[OtmComponent] | None = None
    dataflows: list[Dataflow] = Field(default_factory=list)
    threats: list[OtmThreat] | None = None
    mitigations: list[Mitigation] | None = None
    representations: list[Attributes] | None = None
