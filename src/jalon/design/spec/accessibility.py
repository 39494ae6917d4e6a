"""For whom it must work, and what is promised: `accessibility.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class Conformity(StrEnum):
    """What may be declared of RGAA: all criteria, half of them at least, fewer."""

    TOTAL = "total"
    PARTIAL = "partial"
    NONE = "none"


class Exemption(StrEnum):
    """Why something need not comply."""

    DISPROPORTIONATE = "disproportionate"
    EXEMPT_CONTENT = "exempt-content"
    THIRD_PARTY = "third-party"


class Aim(Strict):
    """What the pages promise."""

    standard: str = Field(default="RGAA 4.1.2", description="The standard and its edition.")
    conformity: Conformity = Field(
        default=Conformity.PARTIAL, description="What is to be declared: total, partial, none."
    )
    components: list[Identifier] = Field(
        default_factory=list, description="The components it is about: pages, displays."
    )
    by: date | None = Field(default=None, description="The day by which it is reached.")


class Derogation(Strict):
    """Something that does not comply, and why that is allowed."""

    id: Identifier = Field(description="Id of the derogation.")
    what: Wording = Field(description="The content or function.")
    why: Exemption = Field(description="disproportionate, exempt-content or third-party.")
    reason: Wording | None = Field(default=None, description="The facts behind it.")
    alternative: Wording | None = Field(
        default=None, description="What people who need it get instead."
    )
    until: date | None = Field(default=None, description="The day it is looked at again.")


class FunctionalNeed(Strict):
    """What a persona needs, never why: a need is no diagnosis."""

    id: Identifier = Field(description="Id of the need.")
    persona: Identifier = Field(description="The persona of solution.yaml.")
    profile: Identifier = Field(
        description="The profile, as `jalon design duties accessibility` lists them."
    )
    text: Wording | None = Field(default=None, description="The need in this solution.")
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements that answer it."
    )
    tests: list[Identifier] = Field(
        default_factory=list, description="The test cases that show it."
    )


class Statement(Strict):
    """The declaration of accessibility, as far as it is."""

    audited_on: date | None = Field(default=None, description="The day of the last audit.")
    auditor: str | None = Field(default=None, description="Who audited.")
    rate: float | None = Field(
        default=None, ge=0, le=100, description="Share of criteria kept, in per cent."
    )
    pages: list[str] = Field(default_factory=list, description="The pages of the sample.")
    published: str | None = Field(default=None, description="Where the declaration stands.")
    contact: str | None = Field(default=None, description="The role to write to about an obstacle.")
    plan: str | None = Field(default=None, description="The three-year plan, where it stands.")


class AccessibilityFile(Strict):
    """The whole of `accessibility.yaml`."""

    aim: Aim | None = Field(default=None, description="What is promised.")
    needs: list[FunctionalNeed] = Field(
        default_factory=list, description="What personas need to use it."
    )
    derogations: list[Derogation] = Field(
        default_factory=list, description="What does not comply, and why."
    )
    statement: Statement | None = Field(
        default=None, description="The declaration of accessibility."
    )
