"""Hypotheses, written before the run that judges them: `prototype.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.design.spec.solution import MeasureText
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, Wording

Scalar = bool | int | float | str


class Probe(Strict):
    """What is done to provoke what is measured; only what the subject needs."""

    rule: Identifier | None = Field(
        default=None, description="The rule of rules/ whose alarm is waited for."
    )
    devices: list[Identifier] = Field(
        default_factory=list, description="The virtual devices that take part."
    )
    values: dict[str, Scalar] = Field(
        default_factory=dict, description="What they report so that the alarm comes."
    )
    action: str | None = Field(default=None, description="The action that is asked of them.")
    inputs: list[Scalar] = Field(
        default_factory=list, description="Inputs of the action, one after the other."
    )
    pages: list[str] = Field(
        default_factory=list, description="Paths of pages that are asked for, as /fleet."
    )


class Direction(StrEnum):
    """What follows from a verdict."""

    GO = "go"
    ADJUST = "adjust"
    STOP = "stop"


class FollowUp(Strict):
    """What was decided once the verdict was there."""

    decision: Direction = Field(description="Go on as planned, adjust, or stop.")
    on: date = Field(description="The day, as 2026-03-31.")
    reason: Wording = Field(description="Why, and what changes.")


class Hypothesis(Strict):
    """Something that must be true for the solution to be feasible, and can turn out false."""

    id: Identifier = Field(description="Id by which results name it.")
    statement: Wording = Field(description="One sentence that the run can contradict.")
    persona: Identifier | None = Field(
        default=None, description="The persona of solution.yaml whose use it decides."
    )
    use_case: Identifier | None = Field(
        default=None, description="The use case of solution.yaml that it is taken from."
    )
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements that fall with it."
    )
    measure: MeasureText | None = Field(
        default=None,
        description="The bound that decides; without it, that of the first requirement.",
    )
    samples: int = Field(
        default=100, ge=1, description="How many samples are wanted; fewer leave it undecided."
    )
    confidence: float = Field(
        default=95.0, gt=50.0, lt=100.0, description="Of the interval, in per cent."
    )
    probe: Probe = Field(default_factory=Probe, description="How it is provoked.")
    if_wrong: Wording | None = Field(
        default=None, description="What will be done when it turns out false, decided beforehand."
    )
    follow_up: FollowUp | None = Field(
        default=None, description="What was decided after the run; it makes no result stale."
    )


class RunSettings(Strict):
    """The run that serves all hypotheses."""

    history: Duration = Field(
        default=86_400_000, description="How much history the virtual devices report: 1 d."
    )
    copies: int = Field(
        default=0,
        ge=0,
        le=100,
        description="So many copies of each probed device are probed instead of it: more samples"
        " in one run, and devices without a past.",
    )
    scenario: Identifier | None = Field(
        default=None,
        description="A scenario of scenarios/ that the history contains; its times count from"
        " the end of it, so only those before 0 are in it.",
    )
    seed: int = Field(default=1, description="Another number, another world of virtual devices.")
    cut: bool = Field(
        default=False,
        description="Kill the server halfway through the history and start it again.",
    )


class PrototypeFile(Strict):
    """The whole of `prototype.yaml`."""

    run: RunSettings = Field(default_factory=RunSettings, description="The run.")
    hypotheses: list[Hypothesis] = Field(
        default_factory=list, description="What is to be shown, committed before the run."
    )
