"""The EBIOS RM study, as far as people write it: `ebios.yaml`.

Most of a study follows from the other files and is not repeated here: an entry whose id is that of
something derived completes or overrides it, any other adds to it.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording

Level = Annotated[int, Field(ge=1, le=4)]
Extent = Annotated[int, Field(ge=0, le=4)]
GridRow = Annotated[list[Annotated[int, Field(ge=1, le=3)]], Field(min_length=4, max_length=4)]


class Quality(StrEnum):
    """What can be lost: availability, integrity, confidentiality, traceability (DICP)."""

    AVAILABILITY = "availability"
    INTEGRITY = "integrity"
    CONFIDENTIALITY = "confidentiality"
    TRACEABILITY = "traceability"


class ValueKind(StrEnum):
    """What a business value is."""

    PROCESS = "process"
    FUNCTION = "function"
    INFORMATION = "information"


class AssetKind(StrEnum):
    """What a supporting asset is."""

    HARDWARE = "hardware"
    SOFTWARE = "software"
    NETWORK = "network"
    SYSTEM = "system"
    PEOPLE = "people"
    PLACE = "place"


class Tolerated(StrEnum):
    """The highest level of risk that nobody has to sign for."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Method(StrEnum):
    """How the likelihood of operational scenarios is found.

    `EXPRESS`: one level for the whole scenario. `STANDARD`: the probability of each action.
    `ADVANCED`: its technical difficulty as well.
    """

    EXPRESS = "express"
    STANDARD = "standard"
    ADVANCED = "advanced"


class Settings(Strict):
    """The rules of the study: the method leaves them to the organisation."""

    scope: Wording | None = Field(
        default=None, description="What is studied, and what is left out on purpose."
    )
    grid: Annotated[list[GridRow], Field(min_length=4, max_length=4)] | None = Field(
        default=None,
        description="Level of risk, 1 low to 3 high: rows V1 to V4, columns G1 to G4.",
    )
    tolerated: Tolerated = Field(
        default=Tolerated.LOW,
        description="The highest residual risk that needs no signature: low, medium or high.",
    )
    danger: float = Field(
        default=2.5, gt=0, description="Threat level above which a stakeholder is in danger zone."
    )
    control: float = Field(
        default=0.9, gt=0, description="Threat level above which a stakeholder is in control zone."
    )
    watch: float = Field(
        default=0.2, ge=0, description="Threat level above which a stakeholder is watched."
    )
    method: Method = Field(
        default=Method.STANDARD,
        description="How likelihood is found: one level a scenario (express), the probability of"
        " each action (standard), its difficulty as well (advanced).",
    )


class Mission(Strict):
    """What the organisation does with the solution."""

    id: Identifier = Field(description="Id by which business values name the mission.")
    name: Wording | None = Field(default=None, description="The mission in a few words.")
    description: Wording | None = Field(default=None, description="What it is for.")


class Needs(Strict):
    """How bad it would be to lose each quality: 1 minor to 4 critical."""

    availability: Level | None = Field(default=None, description="If it is not there.")
    integrity: Level | None = Field(default=None, description="If it is wrong.")
    confidentiality: Level | None = Field(default=None, description="If others know it.")
    traceability: Level | None = Field(default=None, description="If nobody can tell who did it.")

    def of(self, quality: Quality) -> int | None:
        """The level written for a quality."""
        level: int | None = getattr(self, quality.value)
        return level


class BusinessValue(Strict):
    """What is to be protected for its own sake: a process, a function, an information."""

    id: Identifier = Field(description="Id; that of a derived value completes it.")
    name: Wording | None = Field(default=None, description="What people call it.")
    kind: ValueKind | None = Field(default=None, description="Process, function or information.")
    owner: str | None = Field(default=None, description="The role that answers for it.")
    mission: Identifier | None = Field(default=None, description="The mission it serves.")
    assets: list[str] = Field(
        default_factory=list,
        description="Components and flows that carry it, instead of the derived ones.",
    )
    needs: Needs = Field(
        default_factory=Needs, description="The needs for security, confirmed by hand."
    )
    leave_out: Wording | None = Field(
        default=None, description="Why it is no business value of this study."
    )


class SupportingAsset(Strict):
    """What carries business values and can be attacked."""

    id: Identifier = Field(description="Id of a component, flow or existing system, or a new one.")
    name: Wording | None = Field(default=None, description="What people call it.")
    kind: AssetKind | None = Field(default=None, description="What it is.")
    owner: str | None = Field(default=None, description="The role that answers for it.")
    values: list[Identifier] = Field(
        default_factory=list, description="Business values it carries beyond the derived ones."
    )
    leave_out: Wording | None = Field(default=None, description="Why no scenario goes through it.")


class FearedEvent(Strict):
    """What must not happen to a business value."""

    id: Identifier = Field(description="Id by which scenarios name the event.")
    value: Identifier | None = Field(default=None, description="The business value that suffers.")
    quality: Quality | None = Field(default=None, description="What is lost of it.")
    name: Wording | None = Field(default=None, description="What happens, in a sentence.")
    gravity: Level | None = Field(
        default=None, description="1 minor, 2 significant, 3 serious, 4 critical."
    )
    impacts: list[Wording] = Field(default_factory=list, description="What follows from it.")
    leave_out: Wording | None = Field(
        default=None, description="Why no scenario is studied although it is serious."
    )


class BaselineStatus(StrEnum):
    """How far a standard is applied."""

    APPLIED = "applied"
    PARTLY = "partly"
    NOT_APPLIED = "not-applied"


class Baseline(Strict):
    """A standard or rule that applies whatever the risks, and where it is not kept."""

    id: Identifier = Field(description="Id; that of a standard Jalon covers completes its line.")
    name: Wording | None = Field(default=None, description="The standard or rule.")
    status: BaselineStatus = Field(description="How far it is applied.")
    gaps: list[Wording] = Field(default_factory=list, description="What is not kept, and why.")


class Pair(Strict):
    """A risk origin with what it is after."""

    id: Identifier = Field(description="Id by which strategic scenarios name the pair.")
    origin: Identifier = Field(description="The risk origin: of the catalogue, or a new word.")
    aim: Identifier = Field(description="What it is after: of the catalogue, or a new word.")
    name: Wording | None = Field(default=None, description="Who that is here, and wants what.")
    motivation: Level = Field(description="1 hardly to 4 very determined.")
    resources: Level = Field(description="1 limited to 4 unlimited.")
    activity: Level | None = Field(
        default=None, description="1 never seen to 4 seen often around us."
    )
    retained: bool = Field(description="Whether scenarios are studied for it.")
    reason: Wording = Field(description="Why it is retained, or not.")


class PartyKind(StrEnum):
    """What a stakeholder is to the solution."""

    CLIENT = "client"
    PARTNER = "partner"
    SUPPLIER = "supplier"


class Party(Strict):
    """A stakeholder of the ecosystem, through whom one could attack."""

    id: Identifier = Field(description="Id of a stakeholder, existing system…, or a new one.")
    name: Wording | None = Field(default=None, description="What people call them.")
    kind: PartyKind | None = Field(default=None, description="Client, partner or supplier.")
    dependence: Extent | None = Field(
        default=None, description="How much the solution needs them, 0 not at all to 4."
    )
    penetration: Extent | None = Field(
        default=None, description="How far they reach into the solution, 0 not at all to 4."
    )
    maturity: Level | None = Field(
        default=None, description="How well they look after their own security, 1 to 4."
    )
    trust: Level | None = Field(default=None, description="How well-meaning they are, 1 to 4.")
    assets: list[str] = Field(default_factory=list, description="Supporting assets they can reach.")
    measures: list[Identifier] = Field(
        default_factory=list, description="Controls of security.yaml on the ecosystem."
    )
    reason: Wording | None = Field(default=None, description="Why these levels.")
    leave_out: Wording | None = Field(default=None, description="Why they do not matter here.")


class StrategicScenario(Strict):
    """How a risk origin gets what it wants, seen from afar."""

    id: Identifier = Field(description="Id of the scenario, and of the risk it makes.")
    name: Wording = Field(description="The scenario in a sentence.")
    pair: Identifier = Field(description="The risk origin and its objective.")
    feared_event: Identifier = Field(description="What happens in the end.")
    path: list[str] = Field(
        default_factory=list,
        description="Stakeholders and supporting assets passed on the way, in order.",
    )
    description: Wording | None = Field(default=None, description="The story.")


class Phase(StrEnum):
    """Where in an attack an action stands."""

    KNOW = "know"
    ENTER = "enter"
    FIND = "find"
    EXPLOIT = "exploit"


class Action(Strict):
    """One step of an attack, on one supporting asset."""

    id: Identifier = Field(description="Id, unique in its scenario.")
    name: Wording = Field(description="What the attacker does.")
    phase: Phase = Field(description="Know, enter, find or exploit.")
    asset: str = Field(description="The component, flow or other supporting asset it is done to.")
    threats: list[str] = Field(
        default_factory=list,
        description="Threats it uses, `rule@element` as `jalon design threats` shows them; without"
        " a likelihood of its own the action is as likely as the likeliest of them.",
    )
    likelihood: Level | None = Field(
        default=None, description="How probable its success is before any control, 1 to 4."
    )
    difficulty: Level | None = Field(
        default=None, description="Technical difficulty, 1 low to 4 (advanced method)."
    )
    after: list[Identifier] = Field(
        default_factory=list, description="The actions that come before it."
    )
    join: Literal["or", "and"] = Field(
        default="or", description="Whether one of those before is enough (or) or all are needed."
    )
    controls: list[Identifier] = Field(
        default_factory=list,
        description="Controls that hinder it beyond those that treat its threats.",
    )


class OperationalScenario(Strict):
    """The technical way of a strategic scenario, as a graph of actions."""

    id: Identifier = Field(description="Id of the scenario.")
    strategic: Identifier = Field(description="The strategic scenario it carries out.")
    name: Wording = Field(description="The way in a sentence.")
    likelihood: Level | None = Field(
        default=None, description="Likelihood of the whole, judged at once (express method)."
    )
    actions: list[Action] = Field(default_factory=list, description="The steps of the attack.")


class Strategy(StrEnum):
    """What is done about a risk."""

    AVOID = "avoid"
    REDUCE = "reduce"
    TRANSFER = "transfer"
    ACCEPT = "accept"


class Treatment(Strict):
    """What is done about the risk of a strategic scenario, and who lives with what remains."""

    id: Identifier = Field(description="Id of the treatment.")
    risk: Identifier = Field(description="The strategic scenario whose risk is treated.")
    strategy: Strategy = Field(description="Avoid, reduce, transfer or accept.")
    measures: list[Identifier] = Field(
        default_factory=list,
        description="Controls of security.yaml; those that treat a threat of its actions count"
        " without being named.",
    )
    gravity_measures: list[Identifier] = Field(
        default_factory=list,
        description="Controls that make the consequence less bad: backup, spare parts, insurance.",
    )
    reason: Wording | None = Field(default=None, description="Why this strategy.")
    accepted_by: str | None = Field(
        default=None, description="The role that signs for the residual risk."
    )
    accepted_on: date | None = Field(default=None, description="The day it was signed.")
    accepted_until: date | None = Field(default=None, description="The day it is looked at again.")


class Indicator(Strict):
    """What is watched so that the study stays true."""

    id: Identifier = Field(description="Id of the indicator.")
    name: Wording = Field(description="What is counted or measured.")
    target: str | None = Field(default=None, description="The value that is wanted.")
    every: Wording | None = Field(default=None, description="How often somebody looks.")
    owner: str | None = Field(default=None, description="The role that looks.")
    risks: list[Identifier] = Field(
        default_factory=list, description="The strategic scenarios it tells about."
    )


class EbiosFile(Strict):
    """The whole of `ebios.yaml`."""

    study: Settings = Field(default_factory=Settings, description="The rules of the study.")
    missions: list[Mission] = Field(default_factory=list, description="Workshop 1: missions.")
    business_values: list[BusinessValue] = Field(
        default_factory=list, description="Workshop 1: what is to be protected."
    )
    supporting_assets: list[SupportingAsset] = Field(
        default_factory=list, description="Workshop 1: what carries it."
    )
    feared_events: list[FearedEvent] = Field(
        default_factory=list, description="Workshop 1: what must not happen."
    )
    baseline: list[Baseline] = Field(
        default_factory=list, description="Workshop 1: standards that apply, and their gaps."
    )
    pairs: list[Pair] = Field(
        default_factory=list, description="Workshop 2: risk origins and target objectives."
    )
    stakeholders: list[Party] = Field(
        default_factory=list, description="Workshop 3: the ecosystem."
    )
    strategic_scenarios: list[StrategicScenario] = Field(
        default_factory=list, description="Workshop 3: attacks seen from afar."
    )
    operational_scenarios: list[OperationalScenario] = Field(
        default_factory=list, description="Workshop 4: attacks step by step."
    )
    treatments: list[Treatment] = Field(
        default_factory=list, description="Workshop 5: what is done about each risk."
    )
    indicators: list[Indicator] = Field(
        default_factory=list, description="Workshop 5: what is watched."
    )
