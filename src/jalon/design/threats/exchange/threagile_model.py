"""The parts of a Threagile model that are read and written (schema of 2026-04)."""

from __future__ import annotations

import datetime

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    """Keys that we do not read are let be."""

    model_config = ConfigDict(extra="ignore")


class Author(_Part):
    """Who made it."""

    name: str = ""


class DataAsset(_Part):
    """A kind of data."""

    id: str
    description: str | None = ""
    usage: str = "business"
    tags: list[str] | None = Field(default_factory=list)
    origin: str | None = ""
    owner: str | None = ""
    quantity: str = "many"
    confidentiality: str = "internal"
    integrity: str = "operational"
    availability: str = "operational"
    justification_cia_rating: str | None = ""


class CommunicationLink(_Part):
    """A flow; its name is the key in its asset's links."""

    target: str
    description: str | None = ""
    protocol: str = "unknown-protocol"
    authentication: str = "none"
    authorization: str = "none"
    tags: list[str] | None = Field(default_factory=list)
    vpn: bool = False
    ip_filtered: bool = False
    readonly: bool = False
    usage: str = "business"
    data_assets_sent: list[str] | None = Field(default_factory=list)
    data_assets_received: list[str] | None = Field(default_factory=list)


class TechnicalAsset(_Part):
    """A part of the system; its name is the key."""

    id: str
    description: str | None = ""
    type: str = "process"
    usage: str = "business"
    used_as_client_by_human: bool = False
    out_of_scope: bool = False
    justification_out_of_scope: str | None = ""
    size: str = "component"
    technology: str | None = None
    technologies: list[str] | None = None
    tags: list[str] | None = Field(default_factory=list)
    internet: bool = False
    machine: str = "physical"
    encryption: str = "none"
    owner: str | None = ""
    confidentiality: str = "internal"
    integrity: str = "operational"
    availability: str = "operational"
    justification_cia_rating: str | None = ""
    multi_tenant: bool = False
    redundant: bool = False
    custom_developed_parts: bool = False
    data_assets_processed: list[str] | None = Field(default_factory=list)
    data_assets_stored: list[str] | None = Field(default_factory=list)
    data_formats_accepted: list[str] | None = Field(default_factory=list)
    communication_links: dict[str, CommunicationLink] | None = Field(default_factory=dict)


class TrustBoundary(_Part):
    """A zone; its name is the key."""

    id: str
    description: str | None = ""
    type: str = "network-on-prem"
    tags: list[str] | None = Field(default_factory=list)
    technical_assets_inside: list[str] | None = Field(default_factory=list)
    trust_boundaries_nested: list[str] | None = Field(default_factory=list)


class IdentifiedRisk(_Part):
    """One risk of a category; its title is the key."""

    severity: str = "medium"
    exploitation_likelihood: str = "likely"
    exploitation_impact: str = "medium"
    data_breach_probability: str = "possible"
    data_breach_technical_assets: list[str] | None = Field(default_factory=list)
    most_relevant_data_asset: str | None = None
    most_relevant_technical_asset: str | None = None
    most_relevant_communication_link: str | None = None
    most_relevant_trust_boundary: str | None = None
    most_relevant_shared_runtime: str | None = None


class RiskCategory(_Part):
    """A kind of risk written by hand; its title is the key."""

    id: str
    description: str | None = ""
    impact: str | None = ""
    asvs: str | None = ""
    cheat_sheet: str | None = ""
    action: str | None = ""
    mitigation: str | None = ""
    check: str | None = ""
    function: str = "architecture"
    stride: str = "tampering"
    detection_logic: str | None = ""
    risk_assessment: str | None = ""
    false_positives: str | None = ""
    model_failure_possible_reason: bool = False
    cwe: int = 0
    risks_identified: dict[str, IdentifiedRisk] | None = Field(default_factory=dict)


class RiskTracking(_Part):
    """What was decided of a risk."""

    status: str
    justification: str | None = ""
    ticket: str | None = ""
    date: str | datetime.date | None = ""
    checked_by: str | None = ""


class Described(_Part):
    """A text of the report."""

    description: str | None = ""


class ThreagileModel(_Part):
    """The whole file."""

    threagile_version: str = "1.0.0"
    title: str = ""
    date: str | datetime.date | None = None
    author: Author = Field(default_factory=Author)
    business_criticality: str = "important"
    business_overview: Described | None = Field(default_factory=Described)
    tags_available: list[str] | None = Field(default_factory=list)
    data_assets: dict[str, DataAsset] | None = Field(default_factory=dict)
    technical_assets: dict[str, TechnicalAsset] | None = Field(default_factory=dict)
    trust_boundaries: dict[str, TrustBoundary] | None = Field(default_factory=dict)
    shared_runtimes: dict[str, Described] | None = Field(default_factory=dict)
    individual_risk_categories: dict[str, RiskCategory] | None = Field(default_factory=dict)
    risk_tracking: dict[str, RiskTracking] | None = Field(default_factory=dict)
