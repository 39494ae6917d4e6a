"""How the solution is built: `architecture.yaml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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


class Updates(StrEnum):
    """How its software is renewed."""

    REMOTE = "remote"
    ON_SITE = "on-site"
    NEVER = "never"


class Direction(StrEnum):
    """Whether data goes one way, or comes back on the same road."""

    ONE_WAY = "one-way"
    BOTH = "both"


_RATE = r"\d+(\.\d+)?/(\d+ )?(s|min|h|d)"
Rate = Annotated[str, Field(pattern=rf"^(on event|{_RATE})$")]
"""`6/h`, `1/10 min`, `on event`; `structure/rates.py` reads it."""
CountedRate = Annotated[str, Field(pattern=rf"^{_RATE}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


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
    kind: str | None = Field(
        default=None,
        description="What it is: sensor, actuator, display, gateway, network server, broker,"
        " bridge, service, store, pages, mobile app, identity store… “and” joins two.",
    )
    technology: str | None = Field(default=None, description="What it is made with.")
    things: list[Identifier] = Field(
        default_factory=list, description="The device types of things/ that it stands for."
    )
    count: int | None = Field(default=None, ge=0, description="How many; default is one.")
    redundant: bool = Field(
        default=False, description="Whether another takes over at once when one of them fails."
    )
    failure_accepted: Wording | None = Field(
        default=None,
        description="Why it is lived with that what depends on it stops when it fails, and what is"
        " done then.",
    )
    part_of: Identifier | None = Field(
        default=None, description="The existing system of solution.yaml that it belongs to."
    )
    host: str | None = Field(
        default=None,
        description="The machine it runs on; components of the same host share its fate.",
    )
    hosted_by: str | None = Field(
        default=None, description="Who runs it: the client's service, a provider."
    )
    country: Country | None = Field(
        default=None, description="The country it stands in, two letters, as FR."
    )
    internet: bool | None = Field(
        default=None,
        description="Whether the internet reaches it; without a word, when its zone is public and"
        " it is no device.",
    )
    updates: Updates | None = Field(default=None, description="How its software is renewed.")
    physical_access: Exposure | None = Field(
        default=None, description="Who can touch it, where that differs from its zone."
    )
    stores: list[Identifier] = Field(
        default_factory=list, description="The data of privacy.yaml that it keeps, by id."
    )
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
    rate: Rate | None = Field(
        default=None,
        description="How often one sender speaks, as `6/h`, `1/10 min` or `on event`.",
    )
    expected_rate: CountedRate | None = Field(
        default=None, description="How often about, where the rate is `on event`."
    )
    senders: int | None = Field(
        default=None, ge=0, description="How many of the senders take this road, when not all."
    )
    direction: Direction = Field(
        default=Direction.ONE_WAY, description="Whether answers come back with data."
    )
    passes_on: list[Identifier] | None = Field(
        default=None,
        description="The flows whose data goes on by this one; without a word, all that reach where"
        " it leaves, and with `[]` only what the sender has to say itself.",
    )
    data: list[Identifier] = Field(
        default_factory=list, description="The data of privacy.yaml that travel, by id."
    )
    personal_data: bool = Field(default=False, description="Whether a person can be recognised.")
    protection: Protection | None = Field(default=None, description="What guards it.")
    exception: Wording | None = Field(
        default=None,
        description="Why it is as it is, where a check would warn: an unprotected road, a layer"
        " left out.",
    )


class Attachment(Strict):
    """How an existing system of solution.yaml is attached to the solution."""

    id: Identifier = Field(description="The existing system's id in solution.yaml.")
    zone: Identifier | None = Field(default=None, description="The zone it stands in.")
    max_rate: CountedRate | None = Field(
        default=None, description="How often it may be spoken to, or speaks: `1/d`."
    )
    hosted_by: str | None = Field(default=None, description="Who runs it.")
    country: Country | None = Field(
        default=None, description="The country it stands in, two letters, as FR."
    )
    unused: Wording | None = Field(
        default=None, description="Why nothing flows to it or from it, when that is meant."
    )
    description: Wording | None = Field(
        default=None, description="How its constraints are answered."
    )


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
    systems: list[Attachment] = Field(
        default_factory=list, description="How existing systems of solution.yaml are attached."
    )
    decisions: list[Decision] = Field(default_factory=list, description="Technologies chosen.")
