"""Who may sign updates and how they are rolled out, as it is written in `updates.yaml`."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.text import N_, Text

STANDARD = "standard"


def _public(text: str) -> str:
    try:
        good = len(b64decode(text, validate=True)) == 32
    except ValueError:
        good = False
    if not good:
        raise refusal(
            Text(N_("This is no public key: “jalon updates key new” prints one in Base64."))
        )
    return text


class TrustedKey(Strict):
    """Whoever has the private key may sign packages."""

    id: Identifier = Field(description="Id that manifests name.")
    public: Annotated[str, AfterValidator(_public)] = Field(
        description="The Ed25519 public key: 32 bytes in Base64, as “jalon updates key new” prints."
    )
    owner: str = Field(default="", max_length=100, description="Who keeps the private key.")


class Stage(Strict):
    """A part of the devices, which must go well before the next one begins."""

    devices: int | None = Field(
        default=None, ge=1, description="Up to so many devices in all have been begun after it."
    )
    percent: float | None = Field(
        default=None, gt=0, le=100, description="The same as a share of all devices, rounded up."
    )
    per_minute: int | None = Field(
        default=None, ge=1, description="At most so many devices are begun in a minute."
    )
    wait_min: float = Field(
        default=0, ge=0, le=100_000, description="Minutes to watch after it, before the next one."
    )
    pause: bool = Field(
        default=False, description="After it the campaign waits until a person resumes it."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.devices is None) == (self.percent is None):
            raise refusal(Text(N_("A stage has either “devices” or “percent”.")))
        return self


class Abort(Strict):
    """When a stage has gone too wrong."""

    failures: int | None = Field(
        default=None, ge=1, description="So many devices of one stage failed."
    )
    percent: float | None = Field(
        default=None,
        ge=0,
        lt=100,
        description="More than this share of a stage's finished devices failed.",
    )
    at_least: int = Field(
        default=5, ge=1, description="The share counts once so many have finished, or all."
    )


class Plan(Strict):
    """How a package is rolled out."""

    id: Identifier = Field(description="Id by which campaigns name it.")
    title: Wording | None = Field(default=None, description="What people call it.")
    stages: list[Stage] = Field(
        min_length=1, max_length=20, description="One after the other; the last takes all others."
    )
    abort: Abort = Field(
        default_factory=lambda: Abort(percent=10, failures=None),
        description="When to stop; without it, when more than 10 % of a stage failed.",
    )
    rollback: bool = Field(
        default=False,
        description="When it stops by itself, bring those already updated back to what they had.",
    )
    calendar: Identifier | None = Field(
        default=None, description="Devices are begun only while this calendar is open."
    )
    healthy_min: float = Field(
        default=10,
        gt=0,
        le=10_000,
        description="Minutes in which a device must report the new version after installing.",
    )
    answer_h: float = Field(
        default=48,
        gt=0,
        le=10_000,
        description="Hours without a word after the offer until a device counts as failed.",
    )
    tries: int = Field(default=2, ge=1, le=10, description="How often one device is tried.")
    two_people: bool = Field(
        default=False, description="Whoever starts a campaign is not the one who made it."
    )
    notify: list[Identifier] = Field(
        default_factory=list,
        description="People, groups or chains told when a campaign stops by itself or ends.",
    )


STANDARD_PLAN = Plan(
    id=STANDARD,
    title=Wording(fr="Standard", en="Standard"),
    stages=[
        Stage(devices=1, wait_min=30),
        Stage(percent=10, per_minute=10, wait_min=30),
        Stage(percent=100, per_minute=30),
    ],
)
"""One device, a tenth, all."""


class UpdatesFile(Strict):
    """The whole of `updates.yaml`."""

    keys: list[TrustedKey] = Field(
        default_factory=list, description="Whose signatures count. Without one nothing is offered."
    )
    plans: list[Plan] = Field(
        default_factory=list,
        description="Ways to roll out; “standard” (one device, 10 %, all) is always there.",
    )

    @property
    def trusted(self) -> dict[str, str]:
        """Public keys by id."""
        return {key.id: key.public for key in self.keys}

    @property
    def all_plans(self) -> list[Plan]:
        """Those written, and the standard one unless another has its name."""
        own = any(plan.id == STANDARD for plan in self.plans)
        return [*self.plans] if own else [*self.plans, STANDARD_PLAN]

    def plan(self, plan_id: str) -> Plan | None:
        """The plan of that id."""
        return next((plan for plan in self.all_plans if plan.id == plan_id), None)
