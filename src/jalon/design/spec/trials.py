"""What a run of the prototype found: `prototype/results/<run>/result.json`. Jalon writes it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from jalon.design.spec.prototype import RunSettings
from jalon.vocab.entries import Identifier, Strict


class Verdict(StrEnum):
    """What became of a hypothesis. `UNDECIDED`: too few samples, or the interval has the bound
    inside."""

    VALIDATED = "validated"
    INVALIDATED = "invalidated"
    UNDECIDED = "undecided"


class Registration(StrEnum):
    """Whether the hypotheses were written before. `CHANGED`: the file had changes that were not
    committed; `UNKNOWN_TO_GIT`: there is a repository and the file is not in it."""

    COMMITTED = "committed"
    CHANGED = "changed"
    UNKNOWN_TO_GIT = "unknown-to-git"
    NO_GIT = "no-git"


class Registered(Strict):
    """What is known of prototype.yaml when the run began."""

    state: Registration = Field(description="Whether it was committed.")
    commit: str = Field(default="", description="The commit that wrote it last.")
    committed_at: datetime | None = Field(default=None, description="When that was.")
    sha256: str = Field(description="Of the file's bytes.")


class Judged(Strict):
    """A hypothesis and what its samples say. Ends of the interval are null where there are too few
    samples to have one."""

    hypothesis: Identifier = Field(description="Its id.")
    fingerprint: str = Field(description="Of what it said at the time.")
    measure: str = Field(description="The bound, as it stood.")
    verdict: Verdict = Field(description="What became of it.")
    samples: int = Field(description="How many there were.")
    wanted: int = Field(description="How many were wanted.")
    unit: str = Field(default="", description="Of the amounts.")
    amount: float | None = Field(default=None, description="The estimate.")
    low: float | None = Field(default=None, description="Lower end of the interval.")
    high: float | None = Field(default=None, description="Upper end of the interval.")
    confidence: float = Field(description="Of the interval, in per cent.")
    method: str = Field(default="", description="How the interval was made.")


class TrialFile(Strict):
    """A run."""

    format: int = Field(default=1, description="Of this file.")
    run: str = Field(description="When it began, as the name of its folder.")
    started: datetime = Field(description="When it began.")
    ended: datetime = Field(description="When it ended.")
    jalon: str = Field(description="Version of Jalon.")
    real: bool = Field(
        default=False, description="Measured on the solution that runs, not on virtual devices."
    )
    settings: RunSettings = Field(description="The run, as it was asked for.")
    registered: Registered = Field(description="Whether hypotheses were written before.")
    conditions: list[str] = Field(
        default_factory=list, description="What of the solution was changed for the run."
    )
    judged: list[Judged] = Field(description="The hypotheses.")
    raw_sha256: str = Field(description="Of raw.csv.")
    seal: str = Field(default="", description="SHA-256 of this file without the seal.")


class Measured(Strict):
    """What operation says of a measure's subject."""

    subject: str = Field(description="Of the measure.")
    statistic: str = Field(default="", description="How many values became one.")
    samples: int = Field(description="How many there were.")
    unit: str = Field(default="", description="Of the amounts.")
    amount: float = Field(description="The estimate.")
    low: float | None = Field(default=None, description="Lower end of its interval at 95 %.")
    high: float | None = Field(default=None, description="Upper end of its interval at 95 %.")


class MeasuredFile(Strict):
    """`.jalon/measured.json`: what the running solution measured of itself last."""

    on: date | None = Field(default=None, description="The day.")
    days: int = Field(default=0, description="How many days before it were looked at.")
    measured: list[Measured] = Field(default_factory=list, description="What was found.")
