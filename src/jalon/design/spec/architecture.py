"""How the solution is built: `architecture.yaml`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class Layer(StrEnum):
    """The five layers; `security` crosses the four others."""

    PERCEPTION = "perception"
    NETWORK = "network"
    PROCESSING = "processing"
    APPLICATION = "application"
    SECURITY = "security"


class Exposure(StrEnum):
    """Who can reach a zone."""

    PUBLIC = "public"
    SHARED = "shared"
    PRIVATE = "private"
    RESTRICTED = "restricted"


class Zone(Strict):
    """A part of the world under one rule of trust."""

    id: Identifier = Field(description="Id by which components name the zone.")
    name: Wording = Field(description="What people call it.")
    exposure: Exposure = Field(description="Who can reach it, physically or by the network.")
    description: Wording | None = Field(default=None, description="Its border and its rule.")


class Component(Strict):
    """A part of the solution: a kind of device, a gateway, a service, a page."""

    id: Identifier = Field(description="Id by which flows and requirements name the component.")
    name: Wording = Field(description="What people call it.")
    layer: Layer = Field(description="Which of the five layers it belongs to.")
    zone: Identifier | None = Field(default=None, description="The zone it stands in.")
    kind: str | None = Field(default=None, description="What it is: sensor, gateway, broker, page…")
    technology: str | None = Field(default=None, description="What it is made with.")
    things: list[Identifier] = Field(
        default_factory=list, description="The device types of things/ that it stands for."
    )
    count: int | None = Field(default=None, ge=0, description="How many; default is one.")
    description: Wording | None = Field(default=None, description="What it does.")


class Protection(Strict):
    """What guards a flow. `none` is written out, so that leaving it open is a decision."""

    encryption: str | None = Field(default=None, description="TLS 1.3, AES-128 (LoRaWAN), none…")
    authentication: str | None = Field(
        default=None, description="How the ends know each other: certificate, password, keys, none…"
    )
    integrity: str | None = Field(
        default=None, description="How a change is noticed: MIC, TLS, none…"
    )


class Flow(Strict):
    """Data that goes from one component to another."""

    id: Identifier = Field(description="Id by which threats and tests name the flow.")
    from_: Identifier = Field(alias="from", description="Component or existing system it leaves.")
    to: Identifier = Field(description="Component or existing system it reaches.")
    protocol: str = Field(description="LoRaWAN, MQTT, HTTPS, CoAP, Modbus…")
    payload: Wording | None = Field(default=None, description="What travels.")
    format: str | None = Field(default=None, description="How it is written: JSON, binary, CSV…")
    size: int | None = Field(
        default=None, ge=0, description="Bytes of one message, headers excluded."
    )
    rate: str | None = Field(
        default=None,
        pattern=r"^(on event|\d+(\.\d+)?/(\d+ )?(s|min|h|d))$",
        description="How often one sender speaks, as `6/h`, `1/10 min` or `on event`.",
    )
    personal_data: bool = Field(default=False, description="Whether a person can be recognised.")
    protection: Protection | None = Field(default=None, description="What guards it.")


class Decision(Strict):
    """A technology that was chosen, and against what."""

    id: Identifier = Field(description="Id of the decision.")
    layer: Layer = Field(description="The layer it is about.")
    choice: str = Field(description="What was taken.")
    alternatives: list[str] = Field(default_factory=list, description="What was weighed.")
    reason: Wording = Field(description="Why, so that it can be judged again later.")
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements that weighed most."
    )
    decided_on: str | None = Field(
        default=None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="The day, as 2026-03-31."
    )


class ArchitectureFile(Strict):
    """The whole of `architecture.yaml`."""

    zones: list[Zone] = Field(default_factory=list, description="Parts under one rule of trust.")
    components: list[Component] = Field(default_factory=list, description="Parts of the solution.")
    flows: list[Flow] = Field(default_factory=list, description="What goes from one to another.")
    decisions: list[Decision] = Field(default_factory=list, description="Technologies chosen.")
