"""What people write into a data protection impact assessment: a part of `privacy.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class DpiaCriterion(StrEnum):
    """The nine criteria of the European guidelines; two of them call for an assessment."""

    SCORING = "scoring"
    DECISION = "decision"
    MONITORING = "monitoring"
    SENSITIVE = "sensitive"
    LARGE_SCALE = "large-scale"
    COMBINATION = "combination"
    VULNERABLE = "vulnerable"
    INNOVATIVE = "innovative"
    EXCLUSION = "exclusion"


class FearedEvent(StrEnum):
    """The three feared events of the CNIL's method."""

    ACCESS = "access"
    CHANGE = "change"
    LOSS = "loss"


class ScreenAnswer(Strict):
    """A criterion decided by a person, against what was computed or where nothing can be."""

    id: DpiaCriterion = Field(description="The criterion.")
    met: bool = Field(description="Whether it holds.")
    reason: Wording = Field(description="Why; a “no” without a reason is worth nothing.")
    by: str | None = Field(default=None, description="The role that decided.")
    on: date | None = Field(default=None, description="The day it was decided.")


class FearedRisk(Strict):
    """One feared event, as people weigh it. Scales: 1 negligible, 2 limited, 3 important,
    4 maximal."""

    id: FearedEvent = Field(description="Which one.")
    impacts: list[Wording] = Field(default_factory=list, description="What people would suffer.")
    threats: list[Wording] = Field(default_factory=list, description="How it could come about.")
    sources: list[Wording] = Field(default_factory=list, description="Who or what would cause it.")
    measures: list[Identifier] = Field(
        default_factory=list, description="The controls of security.yaml that lower it."
    )
    severity: int | None = Field(default=None, ge=1, le=4, description="How bad: 1 to 4.")
    severity_reason: Wording | None = Field(default=None, description="Why.")
    likelihood: int | None = Field(default=None, ge=1, le=4, description="How likely: 1 to 4.")
    likelihood_reason: Wording | None = Field(default=None, description="Why.")


class Opinion(Strict):
    """What somebody who must be asked said."""

    by: str = Field(description="The role.")
    on: date | None = Field(default=None, description="The day.")
    text: Wording = Field(description="What was said, or why it was not asked.")


class Action(Strict):
    """Something still to be done to lower a risk."""

    id: Identifier = Field(description="Id of the action.")
    name: Wording = Field(description="What is done.")
    owner: str | None = Field(default=None, description="The role that does it.")
    due: date | None = Field(default=None, description="The day by which it is done.")


class DpiaNotes(Strict):
    """Everything of the assessment that no file can answer."""

    screening: list[ScreenAnswer] = Field(
        default_factory=list, description="Criteria decided by a person."
    )
    risks: list[FearedRisk] = Field(default_factory=list, description="The three feared events.")
    actions: list[Action] = Field(default_factory=list, description="What is still to be done.")
    dpo: Opinion | None = Field(default=None, description="What the protection officer says.")
    people: Opinion | None = Field(default=None, description="What the people concerned say.")
    validated_by: str | None = Field(default=None, description="The role that decides.")
    validated_on: date | None = Field(default=None, description="The day it was decided.")
    review_on: date | None = Field(default=None, description="The day it is looked at again.")
