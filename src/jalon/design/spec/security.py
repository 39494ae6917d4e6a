"""What guards the solution, and which threats are accepted: `security.yaml`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class ControlStatus(StrEnum):
    """How far a control is."""

    PLANNED = "planned"
    DONE = "done"


class Effect(Strict):
    """By how many steps of the scales a control that its tests prove lowers a threat."""

    likelihood: int = Field(default=2, ge=0, le=3, description="Steps of likelihood, V.")
    gravity: int = Field(default=0, ge=0, le=3, description="Steps of gravity, G.")


class Control(Strict):
    """Something that guards against threats, and the tests that show it works."""

    id: Identifier = Field(description="Id by which other files name the control.")
    name: Wording = Field(description="What is done.")
    status: ControlStatus = Field(
        default=ControlStatus.PLANNED, description="Whether it is there yet."
    )
    treats: list[str] = Field(
        default_factory=list,
        description="The threats it lowers: `rule@element` as `jalon design threats` shows them,"
        " `rule` for that threat everywhere, or `@element` for all threats of an element.",
    )
    lowers: Effect = Field(
        default_factory=Effect,
        description="What it changes once proved; unproved it counts for one step of each at most.",
    )
    tests: list[Identifier] = Field(
        default_factory=list, description="The test cases of tests/ that show it works."
    )
    provisions: list[str] = Field(
        default_factory=list,
        description="What it answers in standards and laws, as `etsi-en-303-645:5.3-2`.",
    )
    owner: str | None = Field(default=None, description="The role that answers for it.")
    due: date | None = Field(default=None, description="The day by which it is to be there.")
    cost: Decimal | None = Field(default=None, ge=0, description="What it costs, in euros.")
    description: Wording | None = Field(default=None, description="How it works.")


class Acceptance(Strict):
    """A threat that is lived with, by whose decision and until when."""

    id: Identifier = Field(description="Id of the decision.")
    threat: str = Field(description="`rule@element`, or `rule` for that threat everywhere.")
    reason: Wording = Field(description="Why it is lived with.")
    by: str = Field(description="The role that decided.")
    on: date = Field(description="The day it was decided.")
    until: date | None = Field(default=None, description="The day it is looked at again.")


class Exclusion(Strict):
    """A threat that a rule finds and that cannot happen here."""

    id: Identifier = Field(description="Id of the statement.")
    threat: str = Field(description="`rule@element`, or `rule` for that threat everywhere.")
    reason: Wording = Field(description="Why it cannot happen here.")


class StrideLetter(StrEnum):
    """Spoofing, tampering, repudiation, information disclosure, denial of service, elevation."""

    S = "S"
    T = "T"
    R = "R"
    I = "I"  # noqa: E741 - STRIDE's own letter
    D = "D"
    E = "E"


class OwnThreat(Strict):
    """A threat that no rule finds, written by hand."""

    id: Identifier = Field(description="Id; with the element it makes the threat's key.")
    name: Wording = Field(description="What could happen.")
    elements: list[Identifier] = Field(
        default_factory=list,
        description="Components, flows, existing systems or zones that it is about; none for the"
        " whole solution.",
    )
    stride: list[StrideLetter] = Field(
        default_factory=list, description="What is lost, by the letters of STRIDE."
    )
    gravity: int = Field(ge=1, le=4, description="How bad it would be, 1 to 4.")
    likelihood: int = Field(ge=1, le=4, description="How likely it is, 1 to 4.")
    reason: Wording = Field(description="Why so grave and so likely; how it would happen.")


class Stakes(Strict):
    """What an element is worth, where the files do not say it: each 1 (minor) to 4 (critical)."""

    id: Identifier = Field(description="The component, flow or existing system.")
    secrecy: int | None = Field(default=None, ge=1, le=4, description="If others read it.")
    integrity: int | None = Field(default=None, ge=1, le=4, description="If it is false.")
    service: int | None = Field(default=None, ge=1, le=4, description="If it stops.")
    reason: Wording = Field(description="Why it is worth that.")


class Answer(StrEnum):
    """What is said of a provision: nobody can compute it, or a person knows better."""

    FOLLOWED = "followed"
    NOT_FOLLOWED = "not-followed"
    NOT_APPLICABLE = "not-applicable"
    APPLICABLE = "applicable"


class Statement(Strict):
    """What is said of a provision of a standard, and why."""

    id: Identifier = Field(description="Id of the statement.")
    provision: str = Field(description="As `etsi-en-303-645:5.3-14`.")
    answer: Answer = Field(description="Followed, not followed, applicable or not.")
    justification: Wording = Field(description="Why, so that an assessor can judge.")


class Feature(Strict):
    """Whether something is there that makes provisions apply, where the files do not say it."""

    id: Identifier = Field(description="The letter of the standard: a to aa, c3…")
    there: bool = Field(description="Whether it is there.")
    reason: Wording = Field(description="How one knows.")


class SecurityFile(Strict):
    """The whole of `security.yaml`."""

    standards: list[str] = Field(
        default_factory=list,
        description="The standards the solution is held against; all known ones without a word.",
    )
    controls: list[Control] = Field(default_factory=list, description="What guards the solution.")
    accepted: list[Acceptance] = Field(
        default_factory=list, description="Threats that are lived with."
    )
    threats: list[OwnThreat] = Field(
        default_factory=list, description="Threats written by hand, beside those of the rules."
    )
    not_applicable: list[Exclusion] = Field(
        default_factory=list, description="Threats of the rules that cannot happen here."
    )
    stakes: list[Stakes] = Field(
        default_factory=list, description="What elements are worth, where files do not say it."
    )
    statements: list[Statement] = Field(
        default_factory=list, description="What is said of provisions, with why."
    )
    features: list[Feature] = Field(
        default_factory=list, description="What is there or not, where files do not say it."
    )
